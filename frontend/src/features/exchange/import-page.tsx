// Bring sentences in: choose or drop a file, watch it, read what was refused and why.
import { useQuery } from "@tanstack/react-query";
import { listImports } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { useI18n } from "@/i18n/context";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { ImportForm } from "./import-form";
import { ImportReport } from "./import-report";
import "./exchange.css";

export function ImportPage({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const imports = useQuery({
    queryKey: keys.imports(projectId),
    queryFn: () => listImports(projectId),
  });
  return (
    <>
      <PageHead title={t("import.title")} lead={t("import.lead")} />
      <div className="stack">
        <ImportForm projectId={projectId} />
        <Problem error={imports.error} />
        {imports.isPending ? <Loading /> : null}
        {imports.data?.results.map((job) => (
          <ImportReport key={job.id} projectId={projectId} job={job} />
        ))}
      </div>
    </>
  );
}
