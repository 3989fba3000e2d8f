// What a version costs: time to train, speed, memory, room on the disk.
import type { Leader } from "@/api/types";
import { useI18n } from "@/i18n/context";

const MEGABYTE = 1_000_000;
const NAMES = [
  "train_seconds",
  "sentences_per_second",
  "peak_memory_bytes",
  "model_bytes",
] as const;

export function Costs({ costs }: { readonly costs: Leader["costs"] }) {
  const { t, format } = useI18n();
  const spell = (name: (typeof NAMES)[number], value: number) => {
    if (name === "train_seconds") return format.duration(value);
    if (name === "sentences_per_second") return t("room.per_second", { n: Math.round(value) });
    return t("room.megabytes", { n: Math.round(value / MEGABYTE) });
  };
  const known = NAMES.filter((name) => costs[name] !== null);
  if (known.length === 0) return <span className="muted">{t("room.unknown")}</span>;
  return (
    <dl className="costs small">
      {known.map((name) => (
        <div key={name}>
          <dt>{t(`room.cost.${name}`)}</dt>
          <dd className="numbers">{spell(name, costs[name] ?? 0)}</dd>
        </div>
      ))}
    </dl>
  );
}
