// Said while something is fetched.
import { useI18n } from "@/i18n/context";

export function Loading() {
  const { t } = useI18n();
  return (
    <p className="loading" role="status">
      {t("ui.loading")}
    </p>
  );
}
