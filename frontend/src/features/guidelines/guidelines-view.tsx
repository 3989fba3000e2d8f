// The guidelines to read: a table of contents, the general part, and each type with colour and key.
import { useEffect } from "react";
import type { Guidelines, Schema } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { MarkdownView } from "@/ui/markdown-view";
import { PartName } from "./part-name";
import { GENERAL, textsOf, typeParts } from "./parts";

const idOf = (name: string) => `part-${name}`;
const addressOf = (name: string) => `#${encodeURIComponent(idOf(name))}`;

interface ViewProps {
  readonly schema: Schema;
  readonly guidelines: Guidelines;
}

/** An address may name the part that one came for. */
function useWantedPart(): void {
  useEffect(() => {
    const wanted = decodeURIComponent(window.location.hash.slice(1));
    if (wanted !== "") document.getElementById(wanted)?.scrollIntoView();
  }, []);
}

export function GuidelinesView({ schema, guidelines }: ViewProps) {
  const { t } = useI18n();
  useWantedPart();
  const texts = textsOf(guidelines);
  const parts = typeParts(schema);
  const general = texts[GENERAL] ?? "";
  return (
    <div className="guidelines">
      <nav className="guidelines-contents" aria-label={t("guidelines.contents")}>
        <a href={addressOf(GENERAL)}>{t("guidelines.general")}</a>
        <ul>
          {parts.map((part) => (
            <li key={part.name}>
              <a href={addressOf(part.name)} className={texts[part.name] ? "" : "is-empty"}>
                <PartName part={part} />
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div className="stack">
        <div id={idOf(GENERAL)}>
          <Card title={t("guidelines.general")}>
            {general === "" ? (
              <p className="muted">{t("guidelines.nothing")}</p>
            ) : (
              <MarkdownView text={general} top={3} />
            )}
          </Card>
        </div>
        {parts.map((part) => (
          <section key={part.name} id={idOf(part.name)} className="card guideline-part">
            <h2>
              <PartName part={part} />
            </h2>
            {texts[part.name] ? (
              <MarkdownView text={texts[part.name] ?? ""} top={3} />
            ) : (
              <p className="muted">{t("guidelines.nothing")}</p>
            )}
          </section>
        ))}
      </div>
    </div>
  );
}
