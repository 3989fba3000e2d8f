// Rows that say the same, under one heading, decided one by one or all together.
import { useId } from "react";
import type { ReactNode } from "react";
import type { Schema } from "@/api/types";
import { shortLabel } from "@/core/schema";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import type { Group } from "./groups";
import type { Kind } from "./use-decisions";

interface GroupProps {
  readonly group: Group;
  readonly schema: Schema;
  readonly onDecideAll: (kind: Kind) => void;
  readonly children: ReactNode;
}

export function GroupName({ group, schema }: Pick<GroupProps, "group" | "schema">) {
  const { kind, type: name, subject, object } = group.first;
  const types = kind === "relation" ? schema.relation_types : schema.entity_types;
  const type = shortLabel(
    types.find((one) => one.name === name),
    name,
  );
  return (
    <>
      {subject} <span className="statement-type">{kind === "relation" ? `→ ${type} →` : type}</span>{" "}
      {object ?? ""}
    </>
  );
}

export function StatementGroup({ group, schema, onDecideAll, children }: GroupProps) {
  const { t } = useI18n();
  const id = useId();
  const count = group.rows.length;
  return (
    <section className="card statement-group" aria-labelledby={id} data-testid="statement-group">
      <header className="card-head">
        <h2 id={id}>
          <GroupName group={group} schema={schema} />{" "}
          <span className="muted small">{t("suggestions.count", { n: count })}</span>
        </h2>
        {count < 2 ? null : (
          <span className="statement-actions">
            <Button size="small" onClick={() => onDecideAll("accepted")}>
              {t("suggestions.accept_all", { n: count })}
            </Button>
            <Button size="small" weight="quiet" onClick={() => onDecideAll("refused")}>
              {t("suggestions.refuse_all", { n: count })}
            </Button>
          </span>
        )}
      </header>
      <ul className="statements">{children}</ul>
    </section>
  );
}
