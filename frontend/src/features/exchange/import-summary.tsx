// What was cut how in an import of inserts.
import type { ImportJob } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { isMessageKey } from "@/i18n/translate";

export function ImportSummary({ summary }: { readonly summary: ImportJob["summary"] }) {
  const { t, format } = useI18n();
  const rows = Object.entries(summary).filter(([name]) => !name.includes("section."));
  if (rows.length === 0) return null;
  const wordsOf = (name: string) => {
    const key = `inserts.${name}`;
    return isMessageKey(key) ? t(key) : name;
  };
  return (
    <details data-testid="import-summary">
      <summary>{t("inserts.summary")}</summary>
      <dl className="scores-row">
        {rows.sort().map(([name, count]) => (
          <div key={name}>
            <dt>{wordsOf(name)}</dt>
            <dd className="numbers">{format.number(count)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
