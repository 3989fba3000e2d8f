// The schema to read.
import type { RelationType, Schema } from "@/api/types";
import { entityType } from "@/core/schema";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";

function Swatch({ color }: { readonly color: string }) {
  return <span className="swatch" style={{ "--swatch": color }} aria-hidden="true" />;
}

function Key({ value }: { readonly value: string }) {
  return value === "" ? null : <kbd>{value.toUpperCase()}</kbd>;
}

function Pairs({ type, schema }: { readonly type: RelationType; readonly schema: Schema }) {
  const { t } = useI18n();
  const pairs = type.pairs ?? [];
  if (pairs.length === 0) return <>{t("schema.any_pair")}</>;
  const say = (name: string) => entityType(schema, name)?.label ?? name;
  const arrow = type.symmetric ? "↔" : "→";
  return (
    <>
      {pairs.map(([head = "", tail = ""]) => (
        <span key={`${head} ${tail}`} className="pair">
          {say(head)} {arrow} {say(tail)}
        </span>
      ))}
    </>
  );
}

export function SchemaView({ schema }: { readonly schema: Schema }) {
  const { t } = useI18n();
  return (
    <div className="stack">
      <Card title={t("schema.entities")}>
        {schema.entity_types.length === 0 ? <p className="muted">{t("ui.none")}</p> : null}
        <ul className="type-list">
          {schema.entity_types.map((type) => (
            <li key={type.name}>
              <Swatch color={type.color} /> {type.label || type.name} <Key value={type.key} />
            </li>
          ))}
        </ul>
      </Card>
      <Card title={t("schema.relations")}>
        {schema.relation_types.length === 0 ? <p className="muted">{t("ui.none")}</p> : null}
        <div className="table-wrap">
          <table>
            <tbody>
              {schema.relation_types.map((type) => (
                <tr key={type.name}>
                  <td className="type-cell">
                    <Swatch color={type.color} /> {type.label || type.name}
                  </td>
                  <td>
                    <Key value={type.key} />
                  </td>
                  <td>
                    {type.symmetric ? <span className="badge">{t("schema.symmetric")}</span> : null}
                  </td>
                  <td>
                    <Pairs type={type} schema={schema} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Card>
    </div>
  );
}
