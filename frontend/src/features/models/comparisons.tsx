// Comparisons: the newest one in full, earlier ones to unfold.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getComparison, listComparisons } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Comparison, Project } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { ComparedTable } from "./compared-table";
import { Pairs } from "./pairs";

interface InFullProps {
  readonly project: Project;
  readonly id: number;
}

function InFull({ project, id }: InFullProps) {
  const { t } = useI18n();
  const found = useQuery({
    queryKey: [...keys.comparisons(project.id), id],
    queryFn: () => getComparison(project.id, id),
  });
  if (found.error !== null) return <Problem error={found.error} />;
  if (found.data === undefined) return <Loading />;
  const { measured_on, sentences, gold_count } = found.data;
  return (
    <div className="stack">
      <p className="muted">
        {t("room.shared", { gold: gold_count })} {t(`room.on.${measured_on}`, { n: sentences })}
      </p>
      <ComparedTable project={project} compared={found.data} />
      {found.data.pairs.length === 0 ? null : <Pairs project={project} compared={found.data} />}
    </div>
  );
}

function Earlier({ project, one }: { readonly project: Project; readonly one: Comparison }) {
  const { t, format } = useI18n();
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("room.comparison", { moment: format.moment(one.created_at) })}</summary>
      {isOpen ? <InFull project={project} id={one.id} /> : null}
    </details>
  );
}

export function Comparisons({ project }: { readonly project: Project }) {
  const { t, format } = useI18n();
  const listed = useQuery({
    queryKey: keys.comparisons(project.id),
    queryFn: () => listComparisons(project.id),
  });
  const [newest, ...earlier] = listed.data?.results ?? [];
  if (newest === undefined) return <Problem error={listed.error} />;
  const title = t("room.comparison", { moment: format.moment(newest.created_at) });
  return (
    <Card title={title} testId="comparison">
      <InFull project={project} id={newest.id} />
      {earlier.length === 0 ? null : (
        <section className="earlier" aria-label={t("room.earlier")}>
          {earlier.map((one) => (
            <Earlier key={one.id} project={project} one={one} />
          ))}
        </section>
      )}
    </Card>
  );
}
