// Chooses what to train and how, and starts it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { startRun } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Catalogue, Project, Speed } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { encoderWords } from "@/i18n/choice-words";
import { Button } from "@/ui/button";
import { Choice, FieldRow } from "@/ui/field";
import { Problem } from "@/ui/notice";
import { ModelFacts } from "./model-facts";
import type { ModelChoice } from "./model-facts";
import { MoreSettings, showProblem } from "./more-settings";
import { fieldsOf, gather, kept, saidBy } from "./settings";
import type { Typed } from "./settings";

interface TrainFormProps {
  readonly project: Project;
  readonly catalogue: Catalogue;
  readonly gold: number;
  readonly isQueued: boolean;
}

/** The chosen model with what was set about it; settings that the next one knows too stay. */
function useModelChoice(models: readonly ModelChoice[], first: string) {
  const [name, setName] = useState(first);
  const [typed, setTyped] = useState<Typed>({});
  const model = models.find((one) => one.name === name) ?? models[0];
  const fields = useMemo(() => fieldsOf(model?.settings_schema ?? {}), [model]);
  const choose = (next: string) => {
    const after = models.find((one) => one.name === next);
    setTyped(kept(typed, fields, fieldsOf(after?.settings_schema ?? {})));
    setName(next);
  };
  return { model, fields, typed, setTyped, choose, ...gather(fields, typed) };
}

function EncoderChoice(props: {
  readonly encoders: Catalogue["encoders"];
  readonly value: string;
  readonly onChoose: (name: string) => void;
}) {
  const { language, t } = useI18n();
  const chosen = props.encoders.find(({ name }) => name === props.value);
  const kind = (isBuiltIn: boolean) => (isBuiltIn ? "built_in" : "installed");
  const about = encoderWords(language, chosen?.name ?? "", "").about;
  return (
    <Choice
      label={t("training.encoder")}
      hint={about || t(`training.encoder_hint.${kind(chosen?.built_in ?? true)}`)}
      value={props.value}
      options={props.encoders.map(({ name, title, built_in }) => ({
        value: name,
        label: t(`training.encoder_is.${kind(built_in)}`, {
          name: encoderWords(language, name, title).label,
        }),
      }))}
      onChoose={props.onChoose}
    />
  );
}

export function TrainForm({ project, catalogue, gold, isQueued }: TrainFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const choice = useModelChoice(catalogue.models, project.model);
  const [encoder, setEncoder] = useState(project.encoder);
  const [speed, setSpeed] = useState<Speed>(project.speed);
  const fold = useRef<HTMLDetailsElement>(null);
  const { model, fields, settings, problems } = choice;
  const name = model?.name ?? project.model;
  const start = useMutation({
    mutationFn: () => startRun(project.id, { model: name, encoder, speed, settings }),
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: keys.runs(project.id) });
      await queries.invalidateQueries({ queryKey: keys.trainingState(project.id) });
    },
  });
  const said = saidBy(start.error);
  useEffect(() => showProblem(fold.current), [start.error]);
  const begin = () => {
    if (Object.keys(problems).length > 0) showProblem(fold.current);
    else start.mutate();
  };
  if (model === undefined) return null;
  return (
    <>
      <Choice
        label={t("training.model")}
        hint={<ModelFacts model={model} />}
        value={model.name}
        options={catalogue.models.map(({ name: value, title }) => ({ value, label: title }))}
        onChoose={(next) => {
          start.reset();
          choice.choose(next);
        }}
      />
      <FieldRow>
        <EncoderChoice encoders={catalogue.encoders} value={encoder} onChoose={setEncoder} />
        <Choice
          label={t("training.speed")}
          hint={t(`training.speed_hint.${speed}`)}
          value={speed}
          options={(["quick", "full"] as const).map((value) => ({
            value,
            label: t(`training.speed.${value}`),
          }))}
          onChoose={(value) => setSpeed(value === "full" ? "full" : "quick")}
        />
      </FieldRow>
      <MoreSettings
        model={model.name}
        title={model.title}
        fields={fields}
        typed={choice.typed}
        changed={settings}
        problems={{ ...said, ...problems }}
        fold={fold}
        onType={(typed) => {
          start.reset();
          choice.setTyped(typed);
        }}
      />
      <Problem error={start.error} />
      <div className="form-actions">
        <Button
          weight="primary"
          size="large"
          data-testid="retrain"
          disabled={start.isPending || isQueued || gold === 0}
          onClick={begin}
        >
          {t("training.retrain")}
        </Button>
        <span className="muted">{t("training.gold", { n: gold })}</span>
      </div>
    </>
  );
}
