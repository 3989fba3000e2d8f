// The line above the desk, and what is said when the queue is empty.
import { useQuery } from "@tanstack/react-query";
import { getProgress } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Link } from "@/ui/router";
import { useSender, useSending } from "./sender-context";
import { SaveState } from "./save-state";
import type { Sitting } from "./use-trail";

export function TopLine({
  projectId,
  sitting,
  onTrouble,
}: {
  readonly projectId: number;
  readonly sitting: Sitting;
  readonly onTrouble: (id: number) => void;
}) {
  const { t } = useI18n();
  const progress = useQuery({
    queryKey: keys.progress(projectId),
    queryFn: () => getProgress(projectId),
  });
  const sender = useSender();
  useSending();
  const { sentence } = sitting;
  const state = sentence === null ? null : (sender.outcome(sentence.id) ?? sentence.state);
  const left =
    progress.data === undefined ? null : progress.data.pending + progress.data.in_progress;
  return (
    <div className="desk-top">
      <h1>
        {sentence === null ? t("nav.annotate") : t("annotate.number", { n: sentence.position + 1 })}
      </h1>
      {state === null ? null : <span className="badge">{t(`state.${state}`)}</span>}
      {left === null ? null : (
        <span className="muted small">{t("annotate.left", { n: left })}</span>
      )}
      <span className="desk-spring" />
      <SaveState onTrouble={onTrouble} />
    </div>
  );
}

export function Finished({
  projectId,
  onAgain,
  onBack,
}: {
  readonly projectId: number;
  readonly onAgain: () => void;
  readonly onBack: () => void;
}) {
  const { t } = useI18n();
  return (
    <div className="card finished" data-testid="nothing-left">
      <h2>{t("annotate.nothing_left")}</h2>
      <p className="muted">{t("annotate.nothing_left_lead")}</p>
      <div className="form-actions">
        <Link className="button button-primary button-normal" to={`/projects/${projectId}`}>
          {t("annotate.to_overview")}
        </Link>
        <Button onClick={onAgain}>{t("annotate.look_again")}</Button>
        <Button weight="quiet" onClick={onBack}>
          {t("annotate.previous")}
        </Button>
      </div>
    </div>
  );
}
