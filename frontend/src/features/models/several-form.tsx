// Chooses two to eight models that learn from the same labels, and starts them.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { trainSeveral } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Catalogue, Project, Speed } from "@/api/types";
import { encoderWords } from "@/i18n/choice-words";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Choice } from "@/ui/field";
import { Notice, Problem } from "@/ui/notice";

const FEWEST = 2;
const MOST = 8;

interface Chosen {
  readonly key: number;
  readonly model: string;
  readonly encoder: string;
  readonly speed: Speed;
}

interface ChosenRowProps {
  readonly chosen: Chosen;
  readonly number: number;
  readonly catalogue: Catalogue;
  readonly onChange: (change: Partial<Chosen>) => void;
  readonly onRemove: (() => void) | null;
}

function ChosenRow({ chosen, number, catalogue, onChange, onRemove }: ChosenRowProps) {
  const { t, language } = useI18n();
  return (
    <fieldset className="chosen">
      <legend>{t("room.choice", { n: number })}</legend>
      <Choice
        label={t("training.model")}
        value={chosen.model}
        options={catalogue.models.map(({ name, title }) => ({ value: name, label: title }))}
        onChoose={(model) => onChange({ model })}
      />
      <Choice
        label={t("training.encoder")}
        value={chosen.encoder}
        options={catalogue.encoders.map(({ name, title }) => ({
          value: name,
          label: encoderWords(language, name, title).label,
        }))}
        onChoose={(encoder) => onChange({ encoder })}
      />
      <Choice
        label={t("training.speed")}
        value={chosen.speed}
        options={(["quick", "full"] as const).map((value) => ({
          value,
          label: t(`training.speed.${value}`),
        }))}
        onChoose={(value) => onChange({ speed: value === "full" ? "full" : "quick" })}
      />
      {onRemove === null ? null : (
        <Button size="small" weight="quiet" onClick={onRemove}>
          <span aria-hidden="true">{t("room.remove")}</span>
          <span className="visually-hidden">{t("room.remove_choice", { n: number })}</span>
        </Button>
      )}
    </fieldset>
  );
}

/** The project's own choice first, then another model. */
function beginning(project: Project, catalogue: Catalogue): readonly Chosen[] {
  const { model, encoder, speed } = project;
  const other = catalogue.models.find(({ name }) => name !== model)?.name ?? model;
  return [model, other].map((name, key) => ({ key, model: name, encoder, speed }));
}

interface SeveralFormProps {
  readonly project: Project;
  readonly catalogue: Catalogue;
}

export function SeveralForm({ project, catalogue }: SeveralFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [rows, setRows] = useState(() => beginning(project, catalogue));
  const wanted = rows.map(({ model, encoder, speed }) => ({ model, encoder, speed }));
  const isTwice = new Set(wanted.map((one) => JSON.stringify(one))).size < rows.length;
  const start = useMutation({
    mutationFn: () => trainSeveral(project.id, wanted),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: keys.runs(project.id) });
      return queries.invalidateQueries({ queryKey: keys.comparisons(project.id) });
    },
  });
  const change = (key: number, what: Partial<Chosen>) =>
    setRows(rows.map((row) => (row.key === key ? { ...row, ...what } : row)));
  const last = rows.at(-1);
  return (
    <Card title={t("room.several")} testId="several">
      <div className="form">
        <p className="muted">{t("room.several_lead")}</p>
        {rows.map((row, index) => (
          <ChosenRow
            key={row.key}
            chosen={row}
            number={index + 1}
            catalogue={catalogue}
            onChange={(what) => change(row.key, what)}
            onRemove={
              rows.length <= FEWEST
                ? null
                : () => setRows(rows.filter(({ key }) => key !== row.key))
            }
          />
        ))}
        {isTwice ? <Notice tone="warn">{t("room.twice")}</Notice> : null}
        <Problem error={start.error} />
        <div className="form-actions">
          <Button
            weight="primary"
            data-testid="train-several"
            disabled={isTwice || start.isPending}
            onClick={() => start.mutate()}
          >
            {t("room.train", { n: rows.length })}
          </Button>
          {rows.length < MOST && last !== undefined ? (
            <Button onClick={() => setRows([...rows, { ...last, key: last.key + 1 }])}>
              {t("room.add")}
            </Button>
          ) : null}
        </div>
      </div>
    </Card>
  );
}
