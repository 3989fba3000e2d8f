// Progress: how the model grew with the labels, what more of them would bring, and whether to go on.
import { useQuery } from "@tanstack/react-query";
import { getCurves } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { useI18n } from "@/i18n/context";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { AdviceCard } from "./advice-card";
import { ArmsCard } from "./arms-card";
import { CurveCard } from "./curve-card";
import "./curves.css";

export function CurvesPage({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const curves = useQuery({
    queryKey: keys.curves(projectId),
    queryFn: () => getCurves(projectId),
  });
  return (
    <>
      <PageHead title={t("curves.title")} lead={t("curves.lead")} />
      <Problem error={curves.error} />
      {curves.isPending ? <Loading /> : null}
      {curves.data === undefined ? null : (
        <div className="stack">
          <CurveCard curves={curves.data} />
          <div className="columns">
            <AdviceCard curves={curves.data} />
            <ArmsCard curves={curves.data} />
          </div>
        </div>
      )}
    </>
  );
}
