// Every cut of a file of inserts, before anything is stored; the rules can be changed and tried.
import type { CutRules, InsertsPreview } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { InsertView } from "./insert-view";
import { RulesForm } from "./rules-form";
import "./inserts.css";

interface PreviewProps {
  readonly preview: InsertsPreview | undefined;
  /** The rules as chosen, which the preview follows a moment later. */
  readonly rules: CutRules | null;
  readonly error: Error | null;
  readonly isPart: boolean;
  readonly onRules: (rules: CutRules) => void;
}

export function PreviewCard({ preview, rules, error, isPart, onRules }: PreviewProps) {
  const { t } = useI18n();
  if (preview === undefined) {
    return (
      <Card title={t("inserts.title")} testId="inserts-preview">
        <Problem error={error} />
        {error === null ? <Loading /> : null}
      </Card>
    );
  }
  const { summary, inserts, sections, problems } = preview;
  const counts = {
    documents: summary["documents"] ?? 0,
    sentences: summary["sentences"] ?? 0,
  };
  return (
    <Card title={t("inserts.title")} testId="inserts-preview">
      <div className="stack">
        <p>
          {t("inserts.lead", counts)} {isPart ? t("inserts.part") : null}
        </p>
        <Problem error={error} />
        <RulesForm rules={rules ?? preview.rules} sections={sections} onRules={onRules} />
        {problems.map(({ line, code, message }) => (
          <p key={line} className="small">
            {t("import.line")} {line}: <code>{code}</code> {message}
          </p>
        ))}
        <div className="inserts">
          {inserts.map((insert) => (
            <InsertView key={insert.line} insert={insert} />
          ))}
        </div>
        {counts.documents > inserts.length ? (
          <p className="muted">{t("inserts.more", { n: counts.documents - inserts.length })}</p>
        ) : null}
      </div>
    </Card>
  );
}
