// Take the labels out: a format, which sentences, a link.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { MouseEvent } from "react";
import { ApiError } from "@/api/client";
import { checkExport, exportUrl } from "@/api/endpoints";
import { useCatalogue, useProgress } from "@/api/use-project";
import { useI18n } from "@/i18n/context";
import { formatText } from "@/i18n/translate";
import { Card } from "@/ui/card";
import { Choice, FieldRow } from "@/ui/field";
import { PageHead } from "@/ui/head";
import { Problem } from "@/ui/notice";
import "./exchange.css";

const STATES = ["gold", "submitted", "all"] as const;
const SHOWN = 20;
const FIRST = ["ch-ddi", "ch-ddi-array", "native"];

/** The first sentences that the format cannot hold, by their ids. */
function Misfits({ error }: { readonly error: Error | null }) {
  const { t } = useI18n();
  const context = error instanceof ApiError ? error.context : {};
  const { sentences, count } = context;
  if (!Array.isArray(sentences) || typeof count !== "number") return null;
  return (
    <p className="small" data-testid="misfits">
      {t("export.misfits", { n: count })} {sentences.slice(0, SHOWN).join(", ")}
      {count > SHOWN ? " …" : ""}
    </p>
  );
}

export function ExportPage({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const catalogue = useCatalogue();
  const progress = useProgress(projectId);
  const [format, setFormat] = useState("ch-ddi");
  const [state, setState] = useState("gold");
  const known = (catalogue.data?.formats ?? []).filter((one) => one.export);
  const names = known.length > 0 ? known.map((one) => one.name) : FIRST;
  const count = progress.data;
  // A download that is refused would end in the browser's own list, without a word.
  const check = useMutation({ mutationFn: () => checkExport(projectId, format, state) });
  const download = (event: MouseEvent<HTMLAnchorElement>) => {
    const link = event.currentTarget;
    if (!event.nativeEvent.isTrusted) return;
    event.preventDefault();
    check.mutate(undefined, { onSuccess: () => link.click() });
  };
  return (
    <>
      <PageHead title={t("export.title")} lead={t("export.lead")} />
      <Card title={t("export.what")}>
        <div className="form">
          <FieldRow>
            <Choice
              label={t("export.format")}
              value={format}
              options={names.map((value) => ({ value, label: formatText(t, value) }))}
              onChoose={setFormat}
            />
            <Choice
              label={t("export.state")}
              value={state}
              options={STATES.map((value) => ({ value, label: t(`export.state.${value}`) }))}
              onChoose={setState}
            />
          </FieldRow>
          {count === undefined ? null : (
            <p className="muted">
              {t("export.counts", { gold: count.gold, submitted: count.submitted })}
            </p>
          )}
          <Problem error={check.error} />
          <Misfits error={check.error} />
          <div className="form-actions">
            <a
              className="button button-primary button-large"
              data-testid="export-link"
              href={exportUrl(projectId, format, state)}
              download
              onClick={download}
            >
              {t("export.download")}
            </a>
          </div>
        </div>
      </Card>
    </>
  );
}
