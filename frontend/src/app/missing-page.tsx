// Shown where no page is.
import { useI18n } from "@/i18n/context";
import { PageHead } from "@/ui/head";
import { Link } from "@/ui/router";

export function MissingPage() {
  const { t } = useI18n();
  return (
    <>
      <PageHead title={t("shell.not_found")} />
      <Link to="/projects">{t("shell.back_to_projects")}</Link>
    </>
  );
}
