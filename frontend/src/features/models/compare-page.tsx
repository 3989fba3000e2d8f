// Two versions side by side: which ones, what changed in numbers, and every sentence that differs.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { followDiff, getDiff } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { useModels } from "@/api/use-project";
import { joinSentences } from "@/core/join-sentences";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Notice, Problem } from "@/ui/notice";
import { Link } from "@/ui/router";
import { DiffFilter } from "./diff-filter";
import type { Wanted } from "./diff-filter";
import { DiffSentences } from "./diff-sentences";
import { PairChoice } from "./pair-choice";
import "./models.css";

const EVERYTHING: Wanted = { of: "triple", kind: null, type: "" };

function useDiff(projectId: number, pair: readonly [number, number], wanted: Wanted) {
  const query = {
    of: wanted.of,
    ...(wanted.kind === null ? {} : { kind: wanted.kind }),
    ...(wanted.type === "" ? {} : { type: wanted.type }),
  };
  return useInfiniteQuery({
    queryKey: [...keys.diff(projectId, ...pair), query],
    queryFn: ({ pageParam }) =>
      pageParam === null ? getDiff(projectId, pair, query) : followDiff(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchOnWindowFocus: false,
  });
}

interface DifferenceProps {
  readonly projectId: number;
  readonly pair: readonly [number, number];
}

function Difference({ projectId, pair }: DifferenceProps) {
  const { t } = useI18n();
  const [wanted, setWanted] = useState(EVERYTHING);
  const diff = useDiff(projectId, pair, wanted);
  const first = diff.data?.pages[0];
  if (first === undefined)
    return diff.error === null ? <Loading /> : <Problem error={diff.error} />;
  if (first.sentences === 0) return <Notice tone="warn">{t("diff.no_common")}</Notice>;
  const sentences = joinSentences(diff.data?.pages ?? []);
  return (
    <>
      <DiffFilter diff={first} wanted={wanted} onWant={setWanted} />
      <Card title={t("diff.differing", { n: first.differing })} testId="diff">
        <Problem error={diff.error} />
        {sentences.length === 0 ? <p className="muted">{t("diff.none")}</p> : null}
        <DiffSentences projectId={projectId} sentences={sentences} />
        {diff.hasNextPage ? (
          <Button disabled={diff.isFetchingNextPage} onClick={() => void diff.fetchNextPage()}>
            {t("diff.more")}
          </Button>
        ) : null}
      </Card>
    </>
  );
}

interface ComparePageProps {
  readonly projectId: number;
  readonly first: number;
  readonly second: number;
}

export function ComparePage({ projectId, first, second }: ComparePageProps) {
  const { t } = useI18n();
  const models = useModels(projectId);
  const isPair = Number.isInteger(first) && Number.isInteger(second);
  const back = (
    <Link className="button button-plain button-normal" to={`/projects/${projectId}/models`}>
      {t("diff.back")}
    </Link>
  );
  return (
    <>
      <PageHead title={t("diff.title")} lead={t("diff.lead")} actions={back} />
      <Problem error={models.error} />
      {isPair ? (
        <div className="stack">
          <PairChoice
            projectId={projectId}
            versions={models.data?.results ?? []}
            pair={[first, second]}
          />
          <Difference key={`${first}-${second}`} projectId={projectId} pair={[first, second]} />
        </div>
      ) : (
        <Notice tone="warn">{t("diff.bad_address")}</Notice>
      )}
    </>
  );
}
