// Which pairs of entity types a relation may join, as a grid of boxes.
import { shortLabel } from "@/core/schema";
import { useI18n } from "@/i18n/context";
import { hasPair, togglePair } from "./draft";
import type { DraftRelation, DraftType } from "./draft";

interface PairGridProps {
  readonly type: DraftRelation;
  readonly entities: readonly DraftType[];
  readonly onType: (type: DraftRelation) => void;
}

export function PairGrid({ type, entities, onType }: PairGridProps) {
  const { t } = useI18n();
  return (
    <details className="pair-grid">
      <summary>
        {type.pairs.length === 0
          ? t("schema.any_pair")
          : t("schema.pairs", { n: type.pairs.length })}
      </summary>
      <label className="check">
        <input
          type="checkbox"
          checked={type.symmetric}
          onChange={() => onType({ ...type, symmetric: !type.symmetric })}
        />
        {t("schema.symmetric")}
      </label>
      <div className="table-wrap">
        <table>
          <thead>
            <tr>
              <th>{t("schema.head_tail")}</th>
              {entities.map(({ id, name, label }) => (
                <th key={id}>{shortLabel({ name, label, color: "", key: "" }, name)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {entities.map((head) => (
              <tr key={head.id}>
                <th scope="row">{head.label || head.name}</th>
                {entities.map((tail) => (
                  <td key={tail.id}>
                    <input
                      type="checkbox"
                      aria-label={`${head.name} → ${tail.name}`}
                      checked={hasPair(type, head.name, tail.name)}
                      onChange={() => onType(togglePair(type, head.name, tail.name))}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
