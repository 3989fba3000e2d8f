// When it trains by itself: the settings, for managers.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { changePolicy, getPolicy } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Policy, PolicyChange, Project } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Choice, Field, FieldRow } from "@/ui/field";
import { Problem } from "@/ui/notice";
import { Switch } from "@/ui/switch";
import { nightHours, zoneHere } from "./nights";

interface SettingsProps {
  readonly policy: Policy;
  readonly isSaved: boolean;
  readonly onSave: (change: PolicyChange) => void;
}

function Settings({ policy, isSaved, onSave }: SettingsProps) {
  const { t } = useI18n();
  const [wanted, setWanted] = useState(String(policy.wanted));
  const [minutes, setMinutes] = useState(String(policy.minutes));
  const [hour, setHour] = useState(policy.nightly_hour === null ? "" : String(policy.nightly_hour));
  const hours = useMemo(() => nightHours(new Date()), []);
  const [speed, setSpeed] = useState(policy.speed);
  const [labels, setLabels] = useState(policy.labels);
  const whole = { type: "number", step: 1, required: true, inputMode: "numeric" } as const;
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        onSave({
          wanted: Number(wanted),
          minutes: Number(minutes),
          nightly_hour: hour === "" ? null : Number(hour),
          speed,
          labels,
        });
      }}
    >
      <FieldRow>
        <Field
          {...whole}
          min={5}
          max={1000}
          label={t("policy.wanted")}
          value={wanted}
          onChange={({ target }) => setWanted(target.value)}
        />
        <Field
          {...whole}
          min={1}
          max={1440}
          label={t("policy.minutes")}
          value={minutes}
          onChange={({ target }) => setMinutes(target.value)}
        />
      </FieldRow>
      <FieldRow>
        <Choice
          label={t("policy.speed")}
          hint={t(`training.speed_hint.${speed}`)}
          value={speed}
          options={(["quick", "full"] as const).map((value) => ({
            value,
            label: t(`training.speed.${value}`),
          }))}
          onChoose={(value) => setSpeed(value === "full" ? "full" : "quick")}
        />
        <Choice
          label={t("policy.nightly")}
          hint={t("policy.nightly_hint", { zone: zoneHere() })}
          value={hour}
          options={[{ value: "", label: t("policy.never") }, ...hours]}
          onChoose={setHour}
        />
      </FieldRow>
      <FieldRow>
        <Choice
          label={t("policy.labels")}
          value={labels}
          options={(["gold", "submitted"] as const).map((value) => ({
            value,
            label: t(`policy.labels.${value}`),
          }))}
          onChoose={(value) => setLabels(value as Policy["labels"])}
        />
      </FieldRow>
      <div className="form-actions">
        <Button type="submit">{t("policy.save")}</Button>
        <span role="status" className="muted">
          {isSaved ? t("policy.saved") : ""}
        </span>
      </div>
    </form>
  );
}

export function PolicyCard({ project }: { readonly project: Project }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const policy = useQuery({
    queryKey: keys.policy(project.id),
    queryFn: () => getPolicy(project.id),
  });
  const saving = useMutation({
    mutationFn: (change: PolicyChange) => changePolicy(project.id, change),
    onSuccess: async (changed) => {
      queries.setQueryData(keys.policy(project.id), changed);
      await queries.invalidateQueries({ queryKey: keys.trainingState(project.id) });
    },
  });
  return (
    <Card title={t("policy.title")} testId="policy">
      <Problem error={policy.error ?? saving.error} />
      {policy.data === undefined ? null : (
        <>
          <Switch
            label={t("policy.automatic")}
            isOn={policy.data.automatic}
            onSwitch={(automatic) => saving.mutateAsync({ automatic })}
          />
          {policy.data.automatic ? (
            <Settings policy={policy.data} isSaved={saving.isSuccess} onSave={saving.mutate} />
          ) : null}
        </>
      )}
    </Card>
  );
}
