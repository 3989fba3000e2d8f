// A version on the leaderboard: what it reaches, what it costs, and what can be done with it.
import type { Leader, Project } from "@/api/types";
import { useCatalogue } from "@/api/use-project";
import { encoderWords } from "@/i18n/choice-words";
import { useI18n } from "@/i18n/context";
import { errorText } from "@/i18n/translate";
import { Button } from "@/ui/button";
import { Link } from "@/ui/router";
import { Costs } from "./costs";
import { F1, GapText } from "./figures";

const TONES = { active: "badge badge-good", candidate: "badge badge-accent", retired: "badge" };

export function Make({ model, encoder }: Pick<Leader, "model" | "encoder">) {
  const { language } = useI18n();
  const catalogue = useCatalogue();
  const title = catalogue.data?.models.find(({ name }) => name === model)?.title ?? model;
  return (
    <>
      {title} · {encoderWords(language, encoder, encoder).label}
    </>
  );
}

function Who({ leader }: { readonly leader: Leader }) {
  const { t } = useI18n();
  const { measured, siblings } = leader;
  return (
    <th scope="row" className="who">
      <div className="who-head">
        <b>{t("models.number", { number: leader.number })}</b>
        <span className={TONES[leader.state]}>{t(`models.${leader.state}`)}</span>
        {measured.is_comparable ? null : (
          <span className="badge badge-warn">{t("room.not_comparable")}</span>
        )}
      </div>
      <div>
        <Make model={leader.model} encoder={leader.encoder} />
      </div>
      <div className="muted small">
        {t(`training.speed.${leader.speed}`)} · {t("room.trained_on", { n: leader.trained_on })}
        {siblings === 0 ? null : ` · ${t("room.siblings", { n: siblings })}`}
      </div>
      {measured.is_comparable ? null : (
        <div className="muted small">
          {t("room.not_comparable_why", { n: measured.sentences, common: measured.common })}
        </div>
      )}
    </th>
  );
}

function Measuring({ leader }: { readonly leader: Leader }) {
  const { t } = useI18n();
  if (leader.measuring === null) return null;
  const { state, error } = leader.measuring;
  const tone = state === "failed" ? "small measuring-failed" : "muted small";
  return (
    <p className={tone} role="status">
      {t(`room.measuring.${state}`, { reason: errorText(t, error, error) })}
    </p>
  );
}

interface LeaderRowProps {
  readonly project: Project;
  readonly leader: Leader;
  readonly active: number | null;
  readonly mayMeasure: boolean;
  readonly onPromote: () => void;
  readonly onMeasure: () => void;
}

export function LeaderRow(props: LeaderRowProps) {
  const { project, leader, active, mayMeasure, onPromote, onMeasure } = props;
  const { t } = useI18n();
  const isManager = project.role === "manager";
  const isUnderWay = leader.measuring !== null && leader.measuring.state !== "failed";
  const mayCompare = project.role !== "annotator" && active !== null && active !== leader.id;
  const base = `/projects/${project.id}/models/compare`;
  const which = <span className="visually-hidden"> {leader.number}</span>;
  return (
    <tr data-testid={`leader-${leader.number}`}>
      <Who leader={leader} />
      <td>
        <F1 figure={leader.triple} isFaint={!leader.measured.is_comparable} />
      </td>
      <td>
        <F1 figure={leader.entity} isFaint={!leader.measured.is_comparable} />
      </td>
      <td>
        {leader.against_active === null ? "–" : <GapText gap={leader.against_active.triple} />}
      </td>
      <td>
        <Costs costs={leader.costs} />
      </td>
      <td>
        <div className="board-actions">
          {isManager && leader.state !== "active" ? (
            <Button size="small" onClick={onPromote}>
              {t("models.promote")}
              {which}
            </Button>
          ) : null}
          {isManager && mayMeasure && !leader.measured.is_comparable ? (
            <Button size="small" disabled={isUnderWay} onClick={onMeasure}>
              {t("room.measure")}
              {which}
            </Button>
          ) : null}
          {mayCompare ? (
            <Link className="small" to={`${base}/${active}/${leader.id}`}>
              {t("room.versus")}
              {which}
            </Link>
          ) : null}
          <Measuring leader={leader} />
        </div>
      </td>
    </tr>
  );
}
