// The way in by the hospital's own log-in, where there is one.
import { useQuery } from "@tanstack/react-query";
import { getProvider, providerAddress } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { useI18n } from "@/i18n/context";
import "./accounts.css";

export function ProviderLink({ wanted }: { readonly wanted: string }) {
  const { t } = useI18n();
  const { data } = useQuery({
    queryKey: keys.provider,
    queryFn: getProvider,
    staleTime: Infinity,
  });
  const name = data?.name ?? null;
  if (name === null) return null;
  return (
    <a className="button button-plain button-large provider-link" href={providerAddress(wanted)}>
      {t("login.provider", { name })}
    </a>
  );
}
