// The search form: the words first, the rest of the filters below.
import type { RefObject } from "react";
import type { Project, Schema } from "@/api/types";
import { FLAGS } from "@/core/flags";
import { useI18n } from "@/i18n/context";
import type { Translate } from "@/i18n/translate";
import { Button } from "@/ui/button";
import { Choice, Field } from "@/ui/field";
import type { Option } from "@/ui/field";
import { withFilter } from "./filters";
import type { FilterName, Filters } from "./filters";

const STATES = ["pending", "in_progress", "submitted", "gold", "skipped"] as const;

interface FormProps {
  readonly schema: Schema;
  readonly role: Project["role"];
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
  readonly search: RefObject<HTMLFormElement | null>;
}

function named(types: Schema["entity_types"]): Option[] {
  return types.map(({ name, label }) => ({ value: name, label: label || name }));
}

/** Annotators may ask for themselves only; a name from a shared address is shown as it is. */
function annotators(t: Translate, asked: string | undefined): readonly Option[] {
  const me = { value: "me", label: t("sentences.me") };
  return asked === undefined || asked === "me" ? [me] : [me, { value: asked, label: asked }];
}

function choices(t: Translate, schema: Schema) {
  const withOrWithout = [
    { value: "true", label: t("sentences.yes") },
    { value: "false", label: t("sentences.no") },
  ];
  return {
    state: STATES.map((state) => ({ value: state, label: t(`state.${state}`) })),
    type: named(schema.entity_types),
    predicate: named(schema.relation_types),
    flag: FLAGS.map((flag) => ({ value: flag, label: t(`flag.${flag}`) })),
    commented: withOrWithout,
    suggested: withOrWithout,
  };
}

export function FilterForm({ schema, role, filters, onChange, search }: FormProps) {
  const { t } = useI18n();
  const known = { ...choices(t, schema), annotator: annotators(t, filters.annotator) };
  const set = (name: FilterName, value: string) => onChange(withFilter(filters, name, value));
  const typed = (name: FilterName) => ({
    value: filters[name] ?? "",
    onChange: (event: { readonly target: { readonly value: string } }) =>
      set(name, event.target.value),
  });
  const chosen = (name: keyof typeof known) => ({
    value: filters[name] ?? "",
    options: [{ value: "", label: t("sentences.any") }, ...known[name]],
    onChoose: (value: string) => set(name, value),
  });
  const number = { type: "number", min: 0, step: 0.1, inputMode: "decimal" } as const;
  return (
    <form
      ref={search}
      className="sentence-filters"
      role="search"
      onSubmit={(event) => event.preventDefault()}
    >
      <Field type="search" label={t("sentences.text")} {...typed("q")} />
      <Field label={t("sentences.subject")} {...typed("subject")} />
      <Choice label={t("sentences.predicate")} {...chosen("predicate")} />
      <Field label={t("sentences.object")} {...typed("object")} />
      <Choice label={t("sentences.state")} {...chosen("state")} />
      <Choice label={t("sentences.type")} {...chosen("type")} />
      {role === "annotator" ? (
        <Choice label={t("sentences.annotator")} {...chosen("annotator")} />
      ) : (
        <Field
          label={t("sentences.annotator")}
          placeholder={t("sentences.annotator_hint")}
          {...typed("annotator")}
        />
      )}
      <Choice label={t("sentences.flag")} {...chosen("flag")} />
      <Choice label={t("sentences.commented")} {...chosen("commented")} />
      <Choice label={t("sentences.suggested")} {...chosen("suggested")} />
      <Field label={t("sentences.score_from")} {...number} {...typed("min_score")} />
      <Field label={t("sentences.score_to")} {...number} {...typed("max_score")} />
      <Choice
        label={t("sentences.order")}
        value={filters.order ?? "position"}
        options={[
          { value: "position", label: t("sentences.order.position") },
          { value: "priority", label: t("sentences.order.priority") },
        ]}
        onChoose={(order) => set("order", order === "position" ? "" : order)}
      />
      <Button disabled={Object.keys(filters).length === 0} onClick={() => onChange({})}>
        {t("sentences.clear")}
      </Button>
    </form>
  );
}
