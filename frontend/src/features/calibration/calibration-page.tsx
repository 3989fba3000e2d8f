// How far a version can be believed: reliability, thresholds, and the error of each type.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getTrust } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Calibration, TrustKind } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { Link } from "@/ui/router";
import { Segments } from "@/ui/segments";
import { Reliability } from "./reliability";
import { mainBin, perHundred } from "./said";
import { Thresholds } from "./thresholds";
import { TypeTable } from "./type-table";
import "./calibration.css";

type Kind = keyof Calibration["kinds"];
const KINDS: readonly Kind[] = ["relation", "entity"];

function InWords({ kind }: { readonly kind: TrustKind }) {
  const { t, format } = useI18n();
  const bin = mainBin(kind.bins);
  const { before, after } = kind.ece;
  const luck = kind.ece_by_luck ?? null;
  if (bin === null || before === null || after === null) return null;
  return (
    <p data-testid="trust-words">
      {t("trust.words", {
        said: format.percent(bin.mean_chance),
        right: perHundred(bin.share_right),
      })}{" "}
      {t("trust.off", { before: format.tenth(100 * before), after: format.tenth(100 * after) })}{" "}
      {luck === null ? null : t("trust.luck", { points: format.tenth(100 * luck) })}
    </p>
  );
}

function Report({ calibration }: { readonly calibration: Calibration }) {
  const { t, format } = useI18n();
  const [chosen, setChosen] = useState<Kind>("relation");
  const kind = calibration.kinds[chosen];
  const auroc = calibration.auroc.after;
  return (
    <div className="stack">
      <Segments
        label={t("trust.kind")}
        value={chosen}
        options={KINDS.map((value) => ({ value, label: t(`trust.kind.${value}`) }))}
        onChoose={setChosen}
      />
      <div className="columns">
        <Card title={t("trust.reliability")} testId="reliability">
          {kind.count === 0 ? <p className="muted">{t("trust.nothing_said")}</p> : null}
          <InWords kind={kind} />
          {kind.count === 0 ? null : <Reliability bins={kind.bins} />}
          {kind.count < calibration.fewest ? (
            <p className="muted small">{t("trust.too_few", { n: calibration.fewest })}</p>
          ) : null}
        </Card>
        <div className="stack">
          <Thresholds kind={kind} />
          <TypeTable kind={kind} fewest={calibration.fewest} />
          {auroc === null ? null : (
            <p className="muted small">{t("trust.auroc", { share: format.percent(auroc) })}</p>
          )}
        </div>
      </div>
    </div>
  );
}

interface CalibrationPageProps {
  readonly projectId: number;
  readonly versionId: number;
}

export function CalibrationPage({ projectId, versionId }: CalibrationPageProps) {
  const { t } = useI18n();
  const trust = useQuery({
    queryKey: keys.trust(projectId, versionId),
    queryFn: () => getTrust(projectId, versionId),
  });
  const { data } = trust;
  const back = (
    <Link className="button button-plain button-normal" to={`/projects/${projectId}/models`}>
      {t("analysis.back")}
    </Link>
  );
  return (
    <>
      <PageHead
        title={data === undefined ? t("trust.title") : t("trust.title_of", { number: data.number })}
        lead={t("trust.lead")}
        actions={back}
      />
      <Problem error={trust.error} />
      {trust.isPending ? <Loading /> : null}
      {data?.reason ? <p data-testid="trust-none">{t(`trust.none.${data.reason}`)}</p> : null}
      {data?.calibration ? <Report calibration={data.calibration} /> : null}
    </>
  );
}
