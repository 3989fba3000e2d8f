// A file and how to read it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { DragEvent } from "react";
import { startImport } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { useCatalogue } from "@/api/use-project";
import { useI18n } from "@/i18n/context";
import { formatText } from "@/i18n/translate";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Choice, FieldRow } from "@/ui/field";
import { Problem } from "@/ui/notice";
import { PreviewCard } from "./preview-card";
import { usePreview } from "./use-preview";

const LABELS = ["gold", "suggestions", "ignore"] as const;
const SPLITS = ["auto", "pool", "holdout"] as const;

interface DropProps {
  readonly file: File | null;
  readonly onFile: (file: File | null) => void;
}

function Drop({ file, onFile }: DropProps) {
  const { t, format } = useI18n();
  const id = useId();
  const [isOver, setOver] = useState(false);
  const over = (event: DragEvent, isHere: boolean) => {
    event.preventDefault();
    setOver(isHere);
  };
  return (
    <div
      className={isOver ? "drop is-over" : "drop"}
      onDragOver={(event) => over(event, true)}
      onDragLeave={(event) => over(event, false)}
      onDrop={(event) => {
        over(event, false);
        onFile(event.dataTransfer.files.item(0));
      }}
    >
      <label htmlFor={id}>{t("import.file")}</label>
      <input
        id={id}
        type="file"
        data-testid="import-file"
        onChange={(event) => onFile(event.target.files?.item(0) ?? null)}
      />
      <p className="muted small">
        {file === null
          ? t("import.drop")
          : `${file.name} · ${format.number(Math.ceil(file.size / 1024))} kB`}
      </p>
    </div>
  );
}

export function ImportForm({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const catalogue = useCatalogue();
  const [file, setFile] = useState<File | null>(null);
  const [round, setRound] = useState(0);
  const [format, setFormat] = useState("auto");
  const [labels, setLabels] = useState("gold");
  const [split, setSplit] = useState("auto");
  const preview = usePreview({ projectId, file, format });
  const start = useMutation({
    mutationFn: (wanted: File) => {
      const form = new FormData();
      form.append("file", wanted);
      for (const [name, value] of Object.entries({ format, labels, split })) {
        form.append(name, value);
      }
      if (preview.rules !== null) form.append("rules", JSON.stringify(preview.rules));
      return startImport(projectId, form);
    },
    onSuccess: () => {
      setFile(null);
      setRound((now) => now + 1);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: keys.imports(projectId) }),
  });
  const known = (catalogue.data?.formats ?? []).filter((one) => one.import && one.name !== "auto");
  const formats = [
    { value: "auto", label: t("import.auto") },
    ...known.map(({ name }) => ({ value: name, label: formatText(t, name) })),
  ];
  return (
    <>
      <Card title={t("import.new")}>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (file !== null) start.mutate(file);
          }}
        >
          <Drop key={round} file={file} onFile={setFile} />
          <FieldRow>
            <Choice
              label={t("import.format")}
              value={format}
              options={formats}
              onChoose={setFormat}
            />
            <Choice
              label={t("import.labels")}
              value={labels}
              options={LABELS.map((value) => ({ value, label: t(`import.labels.${value}`) }))}
              onChoose={setLabels}
            />
            <Choice
              label={t("import.split")}
              value={split}
              options={SPLITS.map((value) => ({ value, label: t(`import.split.${value}`) }))}
              onChoose={setSplit}
            />
          </FieldRow>
          <Problem error={start.error} />
          <div className="form-actions">
            <Button type="submit" weight="primary" disabled={file === null || start.isPending}>
              {t("import.start")}
            </Button>
          </div>
        </form>
      </Card>
      {preview.isAsked && file !== null ? (
        <PreviewCard
          preview={preview.data}
          rules={preview.rules}
          error={preview.error}
          isPart={file.size > 2_000_000}
          onRules={preview.setRules}
        />
      ) : null}
    </>
  );
}
