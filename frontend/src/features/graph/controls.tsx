// What of the graph is shown: whose statements, how sure, which relations; and the search.
import type { Schema } from "@/api/types";
import { shortLabel } from "@/core/schema";
import { useI18n } from "@/i18n/context";
import { Choice, Field, FieldRow } from "@/ui/field";

export interface Filters {
  readonly said: string;
  readonly least: number;
  readonly hidden: readonly string[];
}

interface ControlProps {
  readonly schema: Schema;
  readonly filters: Filters;
  readonly search: string;
  readonly onFilters: (filters: Filters) => void;
  readonly onSearch: (text: string) => void;
}

export function Controls({ schema, filters, search, onFilters, onSearch }: ControlProps) {
  const { t } = useI18n();
  const toggle = (name: string, isShown: boolean) => {
    const hidden = filters.hidden.filter((one) => one !== name);
    onFilters({ ...filters, hidden: isShown ? hidden : [...hidden, name] });
  };
  return (
    <div className="form">
      <FieldRow>
        <Field
          label={t("graph.search")}
          type="search"
          value={search}
          onChange={(event) => onSearch(event.target.value)}
        />
        <Choice
          label={t("graph.said")}
          value={filters.said}
          options={[
            { value: "gold", label: t("graph.said.gold") },
            { value: "all", label: t("graph.said.all") },
          ]}
          onChoose={(said) => onFilters({ ...filters, said })}
        />
        <Field
          label={`${t("graph.least")}: ${filters.least.toFixed(2)}`}
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={filters.least}
          disabled={filters.said === "gold"}
          onChange={(event) => onFilters({ ...filters, least: Number(event.target.value) })}
        />
      </FieldRow>
      <fieldset className="graph-legend">
        <legend>{t("graph.predicates")}</legend>
        {schema.relation_types.map((type) => (
          <label key={type.name} className="check">
            <input
              type="checkbox"
              checked={!filters.hidden.includes(type.name)}
              onChange={(event) => toggle(type.name, event.target.checked)}
            />
            <span className="swatch" style={{ "--swatch": type.color }} aria-hidden="true" />{" "}
            {shortLabel(type, type.name)}
          </label>
        ))}
      </fieldset>
    </div>
  );
}
