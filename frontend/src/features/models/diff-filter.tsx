// The difference in numbers; each number is a button that shows its sentences.
import type { Diff, DiffStatement } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Choice } from "@/ui/field";

export type Kind = NonNullable<DiffStatement["change"]>;
export const KINDS: readonly Kind[] = ["fixed", "broken", "lost", "new"];

export interface Wanted {
  readonly of: "triple" | "entity";
  readonly kind: Kind | null;
  readonly type: string;
}

interface DiffFilterProps {
  readonly diff: Diff;
  readonly wanted: Wanted;
  readonly onWant: (wanted: Wanted) => void;
}

function KindButtons({ diff, wanted, onWant }: DiffFilterProps) {
  const { t, format } = useI18n();
  return (
    <div className="kinds" role="group" aria-label={t("diff.kinds")}>
      {KINDS.map((kind) => (
        <button
          key={kind}
          type="button"
          className={`kind kind-${kind}`}
          aria-pressed={wanted.kind === kind}
          data-testid={`kind-${kind}`}
          onClick={() => onWant({ ...wanted, kind: wanted.kind === kind ? null : kind })}
        >
          <b className="numbers">{format.number(diff.counts[kind])}</b>
          <span className="kind-name">{t(`diff.kind.${kind}`)}</span>
          <span className="small">{t(`diff.about.${kind}`)}</span>
        </button>
      ))}
      <button
        type="button"
        className="kind"
        aria-pressed={wanted.kind === null}
        onClick={() => onWant({ ...wanted, kind: null })}
      >
        <span className="kind-name">{t("diff.all")}</span>
      </button>
    </div>
  );
}

export function DiffFilter({ diff, wanted, onWant }: DiffFilterProps) {
  const { t, format } = useI18n();
  const { first, second } = diff;
  return (
    <section className="stack" aria-label={t("diff.kinds")}>
      <p data-testid="diff-summary">
        {t("diff.summary", {
          sentences: diff.sentences,
          first: format.score(first.f1),
          second: format.score(second.f1),
          right_a: first.right,
          right_b: second.right,
          wrong_a: first.wrong,
          wrong_b: second.wrong,
        })}
      </p>
      <KindButtons diff={diff} wanted={wanted} onWant={onWant} />
      <div className="diff-choices">
        <Choice
          label={t("diff.of")}
          value={wanted.of}
          options={(["triple", "entity"] as const).map((value) => ({
            value,
            label: t(`diff.of.${value}`),
          }))}
          onChoose={(of) =>
            onWant({ ...wanted, of: of === "entity" ? "entity" : "triple", type: "" })
          }
        />
        <Choice
          label={t("diff.type")}
          value={wanted.type}
          options={[
            { value: "", label: t("diff.any_type") },
            ...diff.by_type.map(({ type }) => ({ value: type, label: type })),
          ]}
          onChoose={(type) => onWant({ ...wanted, type })}
        />
      </div>
    </section>
  );
}
