// How much worse a new version may be and still take over by itself; for managers.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeProject } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Project } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Problem } from "@/ui/notice";

const pointsOf = (share: number) => String(Math.round(share * 1000) / 10);

export function GateCard({ project }: { readonly project: Project }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [points, setPoints] = useState(pointsOf(project.gate_tolerance));
  const saving = useMutation({
    mutationFn: () => changeProject(project.id, { gate_tolerance: Number(points) / 100 }),
    onSuccess: (changed) => queries.setQueryData(keys.project(project.id), changed),
  });
  return (
    <Card title={t("room.gate")} testId="gate">
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <Field
          type="number"
          min={0}
          max={50}
          step="any"
          required
          inputMode="decimal"
          label={t("room.tolerance")}
          hint={t("room.tolerance_hint")}
          value={points}
          onChange={(event) => setPoints(event.target.value)}
        />
        <Problem error={saving.error} />
        <div className="form-actions">
          <Button type="submit" disabled={saving.isPending}>
            {t("room.save")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
