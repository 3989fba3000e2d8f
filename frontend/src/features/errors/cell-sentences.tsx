// The sentences behind a number, a page at a time, beneath the table that it stands in.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { followErrorSentences, listErrorSentences } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { joinSentences } from "@/core/join-sentences";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { queryOf, writeCell } from "./cell";
import type { Cell } from "./cell";
import { SentenceErrors } from "./sentence-errors";
import { useCellWords } from "./use-words";

export interface Opened {
  readonly projectId: number;
  readonly versionId: number;
  readonly cell: Cell | null;
  readonly onClose: () => void;
}

interface ListProps extends Opened {
  readonly cell: Cell;
}

function useSentences({ projectId, versionId, cell }: ListProps) {
  const query = queryOf(cell);
  return useInfiniteQuery({
    queryKey: [...keys.errors(projectId, versionId), query],
    queryFn: ({ pageParam }) =>
      pageParam === null
        ? listErrorSentences(projectId, versionId, query)
        : followErrorSentences(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchOnWindowFocus: false,
  });
}

function List(props: ListProps) {
  const { projectId, cell, onClose } = props;
  const { t } = useI18n();
  const words = useCellWords()(cell);
  const head = useRef<HTMLElement>(null);
  const found = useSentences(props);
  const first = found.data?.pages[0];
  const isThere = first !== undefined;
  useEffect(() => {
    if (isThere) head.current?.scrollIntoView({ block: "center" });
  }, [isThere]);
  return (
    <section className="cell-sentences" aria-label={words} data-testid="cell">
      <header className="cell-head" ref={head}>
        <h3>{words}</h3>
        <Button size="small" weight="quiet" onClick={onClose}>
          {t("analysis.close")}
        </Button>
      </header>
      <Problem error={found.error} />
      {found.isPending ? <Loading /> : null}
      {first === undefined ? null : (
        <p className="muted small" role="status" data-testid="cell-count">
          {t("analysis.found", { n: first.statements, sentences: first.sentences })}{" "}
          <span className="marks">
            <mark className="mark-gold">{t("analysis.mark.gold")}</mark>{" "}
            <mark className="mark-model">{t("analysis.mark.model")}</mark>{" "}
            <mark className="mark-both">{t("analysis.mark.both")}</mark>
          </span>
        </p>
      )}
      <ol className="said-sentences">
        {joinSentences(found.data?.pages ?? []).map((one) => (
          <SentenceErrors
            key={one.sentence_id}
            sentence={one}
            path={`/projects/${projectId}/annotate/${one.sentence_id}`}
          />
        ))}
      </ol>
      {found.hasNextPage ? (
        <Button disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {t("analysis.more")}
        </Button>
      ) : null}
    </section>
  );
}

export function CellSentences(props: Opened) {
  const { cell } = props;
  return cell === null ? null : <List key={writeCell(cell)} {...props} cell={cell} />;
}
