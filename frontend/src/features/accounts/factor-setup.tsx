// Setting up a second factor: a picture for the telephone, its first code, then the codes for paper.
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { beginSecondFactor, confirmSecondFactor } from "@/api/endpoints";
import type { User } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { CodeForm } from "./code-form";
import "./accounts.css";

interface SetupProps {
  readonly onDone: (user: User) => void;
}

function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const { t } = useI18n();
  return (
    <div className="form">
      <p>{t("factor.codes")}</p>
      <ul className="recovery-codes" data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Button weight="primary" onClick={onDone}>
        {t("factor.done")}
      </Button>
    </div>
  );
}

export function FactorSetup({ onDone }: SetupProps) {
  const { t } = useI18n();
  const [code, setCode] = useState("");
  const begun = useMutation({ mutationFn: beginSecondFactor });
  const confirmed = useMutation({ mutationFn: () => confirmSecondFactor(code) });
  const { mutate: begin } = begun;
  useEffect(() => begin(), [begin]);
  if (confirmed.data !== undefined) {
    const { recovery_codes: codes, user } = confirmed.data;
    return <RecoveryCodes codes={codes} onDone={() => onDone(user)} />;
  }
  if (begun.error !== null) return <Problem error={begun.error} />;
  if (begun.data === undefined) return <Loading />;
  return (
    <div className="form">
      <p>{t("factor.scan")}</p>
      <img className="factor-picture" src={begun.data.qr} alt={t("factor.picture")} />
      <p className="hint">
        {t("factor.secret")}
        <code className="factor-secret" data-testid="factor-secret">
          {begun.data.secret}
        </code>
      </p>
      <CodeForm
        code={code}
        onCode={setCode}
        submit={t("factor.confirm")}
        isBusy={confirmed.isPending}
        error={confirmed.error}
        onSubmit={() => confirmed.mutate()}
      />
    </div>
  );
}
