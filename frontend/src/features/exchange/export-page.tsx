// Take the labels out: a format, which sentences, a link.
import { useState } from "react";
import { exportUrl } from "@/api/endpoints";
import { useCatalogue, useProgress } from "@/api/use-project";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { Choice, FieldRow } from "@/ui/field";
import { PageHead } from "@/ui/head";
import "./exchange.css";

const STATES = ["gold", "submitted", "all"] as const;
const KNOWN = ["ch-ddi", "ch-ddi-array", "native"] as const;

export function ExportPage({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const catalogue = useCatalogue();
  const progress = useProgress(projectId);
  const [format, setFormat] = useState("ch-ddi");
  const [state, setState] = useState("gold");
  const named = (name: string) => KNOWN.find((known) => known === name);
  const formats = (catalogue.data?.formats ?? [])
    .filter((one) => one.export)
    .map(({ name }) => {
      const known = named(name);
      return { value: name, label: known === undefined ? name : t(`export.format.${known}`) };
    });
  const count = progress.data;
  return (
    <>
      <PageHead title={t("export.title")} lead={t("export.lead")} />
      <Card title={t("export.what")}>
        <div className="form">
          <FieldRow>
            <Choice
              label={t("export.format")}
              value={format}
              options={
                formats.length > 0
                  ? formats
                  : KNOWN.map((value) => ({ value, label: t(`export.format.${value}`) }))
              }
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
          <div className="form-actions">
            <a
              className="button button-primary button-large"
              data-testid="export-link"
              href={exportUrl(projectId, format, state)}
              download
            >
              {t("export.download")}
            </a>
          </div>
        </div>
      </Card>
    </>
  );
}
