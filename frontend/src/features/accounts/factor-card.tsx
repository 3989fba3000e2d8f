// The second factor among one's settings.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { getSecondFactor, removeSecondFactor } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { SecondFactor } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Problem } from "@/ui/notice";
import { CodeForm } from "./code-form";
import { FactorSetup } from "./factor-setup";

interface PartProps {
  readonly factor: SecondFactor;
  readonly onChange: () => void;
}

function Enrolled({ factor, onChange }: PartProps) {
  const { t } = useI18n();
  const [code, setCode] = useState<string | null>(null);
  const removed = useMutation({
    mutationFn: () => removeSecondFactor(code ?? ""),
    onSuccess: () => {
      setCode(null);
      onChange();
    },
  });
  return (
    <>
      <p data-testid="factor-state">{t("factor.on", { n: factor.recovery_codes_left })}</p>
      {factor.required ? <p className="hint">{t("factor.required")}</p> : null}
      {factor.required || code !== null ? null : (
        <Button onClick={() => setCode("")}>{t("factor.remove")}</Button>
      )}
      {code === null ? null : (
        <CodeForm
          code={code}
          onCode={setCode}
          submit={t("factor.remove")}
          isBusy={removed.isPending}
          error={removed.error}
          onSubmit={() => removed.mutate()}
        />
      )}
    </>
  );
}

function NotEnrolled({ onChange }: Pick<PartProps, "onChange">) {
  const { t } = useI18n();
  const [isSettingUp, setSettingUp] = useState(false);
  if (isSettingUp) return <FactorSetup onDone={onChange} />;
  return (
    <>
      <p data-testid="factor-state">{t("factor.off")}</p>
      <Button onClick={() => setSettingUp(true)}>{t("factor.begin")}</Button>
    </>
  );
}

export function FactorCard() {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data: factor, error } = useQuery({
    queryKey: keys.secondFactor,
    queryFn: getSecondFactor,
  });
  const change = () => void queries.invalidateQueries({ queryKey: keys.secondFactor });
  return (
    <Card title={t("factor.title")} testId="second-factor">
      <p className="hint">{t("factor.hint")}</p>
      <Problem error={error} />
      {factor?.enrolled === true ? <Enrolled factor={factor} onChange={change} /> : null}
      {factor?.enrolled === false ? <NotEnrolled onChange={change} /> : null}
    </Card>
  );
}
