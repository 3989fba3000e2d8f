// Tells that an accepted suggestion was a check, at once and until it is kept knowingly or taken out.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { confirmCheck, listChecks } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Check } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Notice, Problem } from "@/ui/notice";

interface CheckNoticeProps {
  readonly projectId: number;
  readonly sentenceId: number | null;
  readonly onVisit: (sentenceId: number) => void;
}

export function CheckNotice({ projectId, sentenceId, onVisit }: CheckNoticeProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const checks = useQuery({
    queryKey: keys.checks(projectId),
    queryFn: () => listChecks(projectId, false),
  });
  const keeping = useMutation({
    mutationFn: (check: Check) => confirmCheck(check.sentence),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.checks(projectId) }),
  });
  const waiting = checks.data?.results ?? [];
  const check = waiting.find(({ sentence }) => sentence === sentenceId) ?? waiting[0];
  if (check === undefined) return null;
  const { head, tail, type, sentence } = check;
  const isHere = sentence === sentenceId;
  return (
    <div className="check-notice" data-testid="check-notice">
      <Notice
        tone="warn"
        action={
          isHere ? (
            <Button
              size="small"
              disabled={keeping.isPending}
              data-testid="keep-check"
              onClick={() => keeping.mutate(check)}
            >
              {t("check.keep")}
            </Button>
          ) : (
            <Button size="small" onClick={() => onVisit(sentence)}>
              {t("check.open")}
            </Button>
          )
        }
      >
        {t("check.said", { head, tail, type })} {t(isHere ? "check.here" : "check.there")}
      </Notice>
      <Problem error={keeping.error} />
    </div>
  );
}
