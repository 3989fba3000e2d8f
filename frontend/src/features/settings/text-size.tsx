// How large the sentence is written, with a sentence to look at while one chooses.
import { useId, useState } from "react";
import { useI18n } from "@/i18n/context";
import { LARGEST_FONT, SMALLEST_FONT, textHeight } from "@/ui/appearance";
import type { Density } from "@/ui/appearance";

interface TextSizeProps {
  readonly size: number;
  readonly density: Density;
  readonly onSize: (size: number) => void;
}

export function TextSize({ size, density, onSize }: TextSizeProps) {
  const { t } = useI18n();
  const id = useId();
  const [draft, setDraft] = useState(size);
  const keep = () => {
    if (draft !== size) onSize(draft);
  };
  return (
    <div className="field text-size">
      <label htmlFor={id}>{t("settings.font_size")}</label>
      <div className="text-size-row">
        <input
          id={id}
          type="range"
          min={SMALLEST_FONT}
          max={LARGEST_FONT}
          value={draft}
          aria-valuetext={t("settings.pixels", { n: draft })}
          onChange={(event) => setDraft(Number(event.target.value))}
          onPointerUp={keep}
          onKeyUp={keep}
          onBlur={keep}
        />
        <output htmlFor={id} className="numbers">
          {t("settings.pixels", { n: draft })}
        </output>
      </div>
      <p
        className="text-sample"
        lang="zh-Hans"
        data-testid="text-sample"
        style={{
          fontSize: `${draft}px`,
          lineHeight: `${textHeight({ fontSize: draft, density })}px`,
        }}
      >
        {SAMPLE}
      </p>
    </div>
  );
}

/** The sentences are Chinese whatever the language of the page. */
const SAMPLE = "华法林与阿司匹林合用时，抗凝作用增强，出血风险增加，应监测凝血酶原时间（PT/INR）。";
