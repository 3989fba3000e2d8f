// Finding sentences: the filters stand in the address, so that what was found can be shared.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { followPage, listSentences } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { ListedSentence, Project, Schema } from "@/api/types";
import { useProject, useSchema } from "@/api/use-project";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { useFirstRow } from "@/ui/first-row";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { goTo, usePath, useQueryString } from "@/ui/router";
import { FilterForm } from "./filter-form";
import { queryOf, readFilters, writeFilters } from "./filters";
import type { Filters } from "./filters";
import { SentenceRow } from "./sentence-row";
import "./sentences.css";

const PAUSE = 300;

/** What is typed now, and the address a moment later; what is typed stays, blanks included. */
function useFilters() {
  const path = usePath();
  const search = useQueryString();
  const [typed, setTyped] = useState<Filters>({});
  const [isWaiting, setWaiting] = useState(false);
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(() => {
      goTo(path + writeFilters(typed), "replace");
      setWaiting(false);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [typed, isWaiting, path]);
  const asked = readFilters(search);
  const isTyped = isWaiting || writeFilters(typed) === writeFilters(asked);
  const change = (filters: Filters) => {
    setTyped(filters);
    setWaiting(true);
  };
  return { shown: isTyped ? typed : asked, asked, change };
}

function useFound(projectId: number, filters: Filters) {
  const query = queryOf(filters);
  return useInfiniteQuery({
    queryKey: [...keys.sentences(projectId), query],
    queryFn: ({ pageParam }) =>
      pageParam === null ? listSentences(projectId, query) : followPage<ListedSentence>(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** `/` goes to the first field, whatever has the focus but another field. */
function useSlash(form: { readonly current: HTMLFormElement | null }): void {
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.closest("input, select");
      if (event.key !== "/" || isTyping) return;
      event.preventDefault();
      form.current?.querySelector("input")?.focus();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [form]);
}

function walk(event: KeyboardEvent<HTMLUListElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>(".sentence-link")];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

interface SearchProps {
  readonly project: Project;
  readonly schema: Schema;
}

function Search({ project: { id: projectId, role }, schema }: SearchProps) {
  const { t } = useI18n();
  const form = useRef<HTMLFormElement>(null);
  const { shown, asked, change } = useFilters();
  const found = useFound(projectId, asked);
  const rows = found.data?.pages.flatMap(({ results }) => results) ?? [];
  useSlash(form);
  useFirstRow(".sentence-link");
  return (
    <>
      <FilterForm schema={schema} role={role} filters={shown} onChange={change} search={form} />
      <p className="hint">{t("sentences.keys")}</p>
      <Problem error={found.error} />
      {found.isPending ? <Loading /> : null}
      {found.isSuccess && rows.length === 0 ? (
        <p className="muted" role="status" data-testid="no-sentences">
          {t("sentences.none")}
        </p>
      ) : null}
      <ul className="sentence-list" onKeyDown={walk}>
        {rows.map((row) => (
          <SentenceRow
            key={row.id}
            row={row}
            path={`/projects/${projectId}/annotate/${row.id}`}
            wanted={asked.q ?? ""}
          />
        ))}
      </ul>
      {found.hasNextPage ? (
        <Button disabled={found.isFetching} onClick={() => void found.fetchNextPage()}>
          {t("sentences.load_more")}
        </Button>
      ) : null}
    </>
  );
}

export function SentencesPage({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const project = useProject(projectId);
  const schema = useSchema(projectId);
  const isReady = project.data !== undefined && schema.data !== undefined;
  return (
    <>
      <PageHead title={t("sentences.title")} lead={t("sentences.lead")} />
      <Problem error={project.error ?? schema.error} />
      {isReady ? <Search project={project.data} schema={schema.data} /> : null}
    </>
  );
}
