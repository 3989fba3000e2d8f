// The leaderboard: every row on the same sentences, or marked where it is not.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { getLeaderboard, measureModel, promoteModel } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Leaderboard, Project } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { Choice } from "@/ui/field";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { LeaderRow } from "./leader-row";

const WHICH = ["best", "newest", "all"] as const;

interface BoardProps {
  readonly project: Project;
  readonly board: Leaderboard;
}

function Board({ project, board }: BoardProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const onSettled = () => {
    void queries.invalidateQueries({ queryKey: keys.models(project.id) });
    return queries.invalidateQueries({ queryKey: keys.leaderboard(project.id) });
  };
  const promotion = useMutation({ mutationFn: promoteModel, onSettled });
  const measure = useMutation({
    mutationFn: (id: number) => measureModel(project.id, id),
    onSettled,
  });
  return (
    <>
      <Problem error={promotion.error ?? measure.error} />
      <div className="table-wrap">
        <table className="board">
          <thead>
            <tr>
              <th scope="col">{t("room.version")}</th>
              <th scope="col">{t("metric.triple_f1")}</th>
              <th scope="col">{t("metric.entity_f1")}</th>
              <th scope="col">{t("room.against")}</th>
              <th scope="col">{t("room.costs")}</th>
              <th scope="col">
                <span className="visually-hidden">{t("room.do")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {board.results.map((leader) => (
              <LeaderRow
                key={leader.id}
                project={project}
                leader={leader}
                active={board.active}
                mayMeasure={board.measured_on === "holdout"}
                onPromote={() => promotion.mutate(leader.id)}
                onMeasure={() => measure.mutate(leader.id)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

export function BoardCard({ project }: { readonly project: Project }) {
  const { t } = useI18n();
  const [which, setWhich] = useState<string>("best");
  const board = useQuery({
    queryKey: [...keys.leaderboard(project.id), which],
    queryFn: () => getLeaderboard(project.id, which),
    placeholderData: (before) => before,
  });
  const isEmpty = board.data?.results.length === 0;
  return (
    <Card title={t("room.board")} testId="leaderboard">
      <Problem error={board.error} />
      {board.data === undefined && board.error === null ? <Loading /> : null}
      {isEmpty ? <p className="muted">{t("room.none")}</p> : null}
      {board.data === undefined || isEmpty ? null : (
        <div className="stack">
          <div className="board-head">
            <p>{t(`room.on.${board.data.measured_on}`, { n: board.data.sentences })}</p>
            <Choice
              label={t("room.which")}
              value={which}
              options={WHICH.map((value) => ({ value, label: t(`room.which.${value}`) }))}
              onChoose={setWhich}
            />
          </div>
          <Board project={project} board={board.data} />
        </div>
      )}
    </Card>
  );
}
