// What a model is good for, what it can say, and whose it is, so that one can choose.
import type { Catalogue } from "@/api/types";
import { useI18n } from "@/i18n/context";

export type ModelChoice = Catalogue["models"][number];

interface FactProps {
  readonly fact: "nested" | "directed";
  readonly holds: boolean;
}

function Fact({ fact, holds }: FactProps) {
  const { t } = useI18n();
  return (
    <li className={holds ? "badge badge-good" : "badge badge-warn"}>
      {t(`training.${fact}.${holds ? "yes" : "no"}`)}
    </li>
  );
}

export function ModelFacts({ model }: { readonly model: ModelChoice }) {
  const { language } = useI18n();
  const about = model.about[language] ?? model.about["en"] ?? "";
  return (
    <div className="model-facts" data-testid="model-facts">
      {about === "" ? null : <p className="model-about">{about}</p>}
      <ul className="badges">
        <Fact fact="nested" holds={model.nested} />
        <Fact fact="directed" holds={model.directed} />
      </ul>
      <p lang="en">{model.paper}</p>
    </div>
  );
}
