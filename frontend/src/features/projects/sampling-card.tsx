// Which sentences come next: the strategy, and what chance decides; for managers.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeProject } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Project, Strategy } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Choice, Field, FieldRow } from "@/ui/field";
import { Problem } from "@/ui/notice";

const STRATEGIES: readonly Strategy[] = [
  "hybrid.v1",
  "rare_hybrid.v1",
  "expected_errors_per_second.v1",
  "expected_errors.v1",
  "expected_dice.v1",
  "least_confidence.v1",
  "margin.v1",
  "entropy.v1",
  "density.v1",
  "committee.v1",
  "random.v1",
  "in_order.v1",
];

const percentOf = (share: number) => String(Math.round(share * 1000) / 10);

export function SamplingCard({ project }: { readonly project: Project }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [strategy, setStrategy] = useState(project.strategy);
  const [control, setControl] = useState(percentOf(project.control_share));
  const [blind, setBlind] = useState(percentOf(project.blind_share));
  const [planted, setPlanted] = useState(percentOf(project.planted_share));
  const saving = useMutation({
    mutationFn: () =>
      changeProject(project.id, {
        strategy,
        control_share: Number(control) / 100,
        blind_share: Number(blind) / 100,
        planted_share: Number(planted) / 100,
      }),
    onSuccess: (changed) => queries.setQueryData(keys.project(project.id), changed),
  });
  const per = {
    type: "number",
    min: 0,
    step: "any",
    required: true,
    inputMode: "decimal",
  } as const;
  return (
    <Card title={t("sampling.title")} testId="sampling">
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <Choice
          label={t("sampling.strategy")}
          hint={t(`strategy_hint.${strategy}`)}
          value={strategy}
          options={STRATEGIES.map((name) => ({ value: name, label: t(`strategy.${name}`) }))}
          onChoose={(value) => setStrategy(value as Strategy)}
        />
        <FieldRow>
          <Field
            {...per}
            max={100}
            label={t("sampling.control")}
            hint={t("sampling.control_hint")}
            value={control}
            onChange={(event) => setControl(event.target.value)}
          />
          <Field
            {...per}
            max={50}
            label={t("sampling.blind")}
            hint={t("sampling.blind_hint")}
            value={blind}
            onChange={(event) => setBlind(event.target.value)}
          />
          <Field
            {...per}
            max={5}
            label={t("sampling.planted")}
            hint={t("sampling.planted_hint")}
            value={planted}
            onChange={(event) => setPlanted(event.target.value)}
          />
        </FieldRow>
        <Problem error={saving.error} />
        <div className="form-actions">
          <Button type="submit" disabled={saving.isPending}>
            {t("sampling.save")}
          </Button>
          <span role="status" className="muted">
            {saving.isSuccess ? t("sampling.saved") : ""}
          </span>
        </div>
      </form>
    </Card>
  );
}
