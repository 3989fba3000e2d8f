// Which suggestions are shown, and in which order.
import type { Schema } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Choice, Field } from "@/ui/field";

export interface Filters {
  readonly kind: "relation" | "entity";
  readonly type: string;
  readonly subject: string;
  readonly object: string;
  readonly text: string;
  /** Per cent, as typed. */
  readonly min: string;
  readonly max: string;
  readonly order: "-confidence" | "confidence" | "position";
}

export const ALL: Filters = {
  kind: "relation",
  type: "",
  subject: "",
  object: "",
  text: "",
  min: "",
  max: "",
  order: "-confidence",
};

const share = (percent: string) => {
  const value = Number(percent);
  if (percent.trim() === "" || !Number.isFinite(value)) return "";
  return String(Math.min(100, Math.max(0, value)) / 100);
};

/** As the server takes them; what is empty is left out. */
export function queryOf(filters: Filters): Record<string, string> {
  const { kind, object, min, max, ...others } = filters;
  const wanted = { ...others, kind, min: share(min), max: share(max) };
  const named = kind === "relation" ? { ...wanted, object } : wanted;
  return Object.fromEntries(
    Object.entries(named)
      .map(([name, value]) => [name, value.trim()] as const)
      .filter(([, value]) => value !== ""),
  );
}

interface FilterFormProps {
  readonly schema: Schema;
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
}

export function FilterForm({ schema, filters, onChange }: FilterFormProps) {
  const { t } = useI18n();
  const isRelation = filters.kind === "relation";
  const types = isRelation ? schema.relation_types : schema.entity_types;
  const change = (more: Partial<Filters>) => onChange({ ...filters, ...more });
  const typed = (name: "subject" | "object" | "text" | "min" | "max") => ({
    value: filters[name],
    onChange: (event: { readonly target: { readonly value: string } }) =>
      change({ [name]: event.target.value }),
  });
  const percent = { type: "number", min: 0, max: 100, inputMode: "numeric" } as const;
  return (
    <form className="suggestion-filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label={t("suggestions.kind")}
        value={filters.kind}
        options={[
          { value: "relation", label: t("suggestions.kind.relation") },
          { value: "entity", label: t("suggestions.kind.entity") },
        ]}
        onChoose={(kind) => change({ kind: kind as Filters["kind"], type: "" })}
      />
      <Choice
        label={t("suggestions.type")}
        value={filters.type}
        options={[
          { value: "", label: t("suggestions.any") },
          ...types.map(({ name, label }) => ({ value: name, label: label || name })),
        ]}
        onChoose={(type) => change({ type })}
      />
      <Field
        label={t(isRelation ? "suggestions.subject" : "suggestions.surface")}
        {...typed("subject")}
      />
      {isRelation ? <Field label={t("suggestions.object")} {...typed("object")} /> : null}
      <Field label={t("suggestions.text")} {...typed("text")} />
      <Field label={t("suggestions.min")} {...percent} {...typed("min")} />
      <Field label={t("suggestions.max")} {...percent} {...typed("max")} />
      <Choice
        label={t("suggestions.order")}
        value={filters.order}
        options={[
          { value: "-confidence", label: t("suggestions.order.surest") },
          { value: "confidence", label: t("suggestions.order.unsure") },
          { value: "position", label: t("suggestions.order.position") },
        ]}
        onChoose={(order) => change({ order: order as Filters["order"] })}
      />
    </form>
  );
}
