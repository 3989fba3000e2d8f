// Automation bias in words: how far labels agree with the model, with its suggestions and without.
import { useQuery } from "@tanstack/react-query";
import { getBias } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Bias } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { Problem } from "@/ui/notice";
import { ChecksPart } from "./checks-part";

const FEW = 20;

type Measure = keyof NonNullable<Bias["difference"]>;

const NAMES = {
  triple_f1: "bias.triples",
  entity_f1: "bias.entities",
  seconds: "bias.seconds",
} as const;

interface RowProps {
  readonly bias: Bias;
  readonly measure: Measure;
}

function MeasureRow({ bias, measure }: RowProps) {
  const { t, format } = useI18n();
  const difference = bias.difference?.[measure];
  const spell = (value: number) =>
    measure === "seconds"
      ? `${value < 0 ? "−" : ""}${format.duration(Math.abs(value))}`
      : format.share(value);
  if (difference === undefined) return null;
  const [value, low, high] = [difference.value, difference.low, difference.high].map(spell);
  return (
    <tr>
      <th scope="row">{t(NAMES[measure])}</th>
      <td>{spell(bias.shown[measure] ?? 0)}</td>
      <td>{spell(bias.hidden[measure] ?? 0)}</td>
      <td>{t("bias.interval", { value: value ?? "", low: low ?? "", high: high ?? "" })}</td>
    </tr>
  );
}

function Compared({ bias }: { readonly bias: Bias }) {
  const { t, format } = useI18n();
  const triples = bias.difference?.triple_f1;
  if (triples === undefined) return null;
  const isSure = triples.low > 0 || triples.high < 0;
  const verdict = !isSure ? "bias.unclear" : triples.low > 0 ? "bias.clear" : "bias.less";
  return (
    <div className="stack">
      <p data-testid="bias-said">
        {t("bias.said", {
          shown: format.share(bias.shown.triple_f1 ?? 0),
          hidden: format.share(bias.hidden.triple_f1 ?? 0),
        })}{" "}
        {t(verdict)}
      </p>
      <div className="table-wrap">
        <table className="bias-table">
          <caption className="visually-hidden">{t("bias.caption")}</caption>
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">{t("bias.measure")}</span>
              </th>
              <th scope="col">{t("bias.with")}</th>
              <th scope="col">{t("bias.without")}</th>
              <th scope="col">{t("bias.difference")}</th>
            </tr>
          </thead>
          <tbody>
            {(["triple_f1", "entity_f1", "seconds"] as const).map((measure) => (
              <MeasureRow key={measure} bias={bias} measure={measure} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="muted small">
        {t("bias.numbers", { shown: bias.shown.count, hidden: bias.hidden.count })}{" "}
        {bias.hidden.count < FEW ? t("bias.few") : ""}
      </p>
    </div>
  );
}

export function BiasCard({ projectId }: { readonly projectId: number }) {
  const { t, format } = useI18n();
  const bias = useQuery({ queryKey: keys.bias(projectId), queryFn: () => getBias(projectId) });
  return (
    <Card title={t("bias.title")} testId="bias-card">
      <Problem error={bias.error} />
      {bias.data === undefined ? null : bias.data.difference !== null ? (
        <Compared bias={bias.data} />
      ) : (
        <p className="muted">
          {bias.data.blind_share === 0
            ? t("bias.off")
            : t("bias.none", { percent: format.percent(bias.data.blind_share) })}
        </p>
      )}
      {bias.data === undefined ? null : (
        <ChecksPart projectId={projectId} planted={bias.data.planted} />
      )}
    </Card>
  );
}
