// Suggestions across sentences: the same triple decided many times over, by row or by group.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { followPage, listSuggestions } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Schema, Statement } from "@/api/types";
import { useProject, useSchema } from "@/api/use-project";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { ConfirmAll } from "./confirm-all";
import type { Question } from "./confirm-all";
import { ALL, FilterForm, queryOf } from "./filters";
import { groupsOf, rowId } from "./groups";
import { StatementGroup } from "./statement-group";
import { StatementRow } from "./statement-row";
import "./suggestions.css";
import { UndoBar } from "./undo-bar";
import { useDecisions } from "./use-decisions";
import { useWalk } from "./use-walk";

const PAUSE = 300;

/** The newest value once it has rested for a moment. */
function useRested<Value>(value: Value): Value {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

function useStatements(projectId: number, query: Readonly<Record<string, string>>) {
  return useInfiniteQuery({
    queryKey: [...keys.suggestions(projectId), query],
    queryFn: ({ pageParam }) =>
      pageParam === null ? listSuggestions(projectId, query) : followPage<Statement>(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchOnWindowFocus: false,
    gcTime: 0,
  });
}

interface BrowserProps {
  readonly projectId: number;
  readonly schema: Schema;
}

function Browser({ projectId, schema }: BrowserProps) {
  const { t } = useI18n();
  const [filters, setFilters] = useState(ALL);
  const [question, setQuestion] = useState<Question | null>(null);
  const found = useStatements(projectId, queryOf(useRested(filters)));
  const symmetric = useMemo(
    () => new Set(schema.relation_types.filter((one) => one.symmetric).map(({ name }) => name)),
    [schema],
  );
  const decisions = useDecisions(projectId, symmetric);
  const loaded = found.data?.pages.flatMap(({ results }) => results) ?? [];
  const groups = groupsOf(loaded.filter((row) => !decisions.gone.has(rowId(row))));
  const rows = groups.flatMap((group) => group.rows);
  const pathOf = (row: Statement) => `/projects/${projectId}/annotate/${row.sentence_id}`;
  const walk = useWalk({ rows, pathOf, onDecide: decisions.decide });
  return (
    <>
      <FilterForm schema={schema} filters={filters} onChange={setFilters} />
      <p className="hint">{t("suggestions.keys")}</p>
      <Problem error={found.error} />
      {found.isPending ? <Loading /> : null}
      {found.isSuccess && rows.length === 0 && !found.hasNextPage ? (
        <p className="muted" data-testid="no-suggestions">
          {t("suggestions.none")}
        </p>
      ) : null}
      {groups.map((group) => (
        <StatementGroup
          key={group.key}
          group={group}
          schema={schema}
          onDecideAll={(kind) => setQuestion({ kind, group })}
        >
          {group.rows.map((row) => (
            <StatementRow
              key={rowId(row)}
              row={row}
              path={pathOf(row)}
              isCurrent={walk.current === rowId(row)}
              onFocus={() => walk.stand(row)}
              onDecide={(kind) => walk.decide(kind, row)}
              onKey={(event) => walk.onKey(event, row)}
            />
          ))}
        </StatementGroup>
      ))}
      {found.hasNextPage ? (
        <p className="form-actions">
          <Button disabled={found.isFetching} onClick={() => void found.fetchNextPage()}>
            {t("suggestions.more")}
          </Button>
          <span className="hint">{t("suggestions.loaded_only")}</span>
        </p>
      ) : null}
      <UndoBar decisions={decisions} />
      {question === null ? null : (
        <ConfirmAll
          question={question}
          schema={schema}
          onClose={() => setQuestion(null)}
          onYes={() => {
            decisions.decide(question.kind, question.group.rows);
            setQuestion(null);
          }}
        />
      )}
    </>
  );
}

export function SuggestionsPage({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const project = useProject(projectId);
  const schema = useSchema(projectId);
  return (
    <>
      <PageHead title={t("suggestions.title")} lead={t("suggestions.lead")} />
      <Problem error={project.error ?? schema.error} />
      {schema.data === undefined ? null : <Browser projectId={projectId} schema={schema.data} />}
    </>
  );
}
