// Asked before a whole group is decided: how many, and of what.
import type { Schema } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import type { Group } from "./groups";
import { GroupName } from "./statement-group";
import type { Kind } from "./use-decisions";

export interface Question {
  readonly kind: Kind;
  readonly group: Group;
}

interface ConfirmProps {
  readonly question: Question;
  readonly schema: Schema;
  readonly onYes: () => void;
  readonly onClose: () => void;
}

export function ConfirmAll({ question, schema, onYes, onClose }: ConfirmProps) {
  const { t } = useI18n();
  const { kind, group } = question;
  const n = group.rows.length;
  return (
    <Dialog title={t(`suggestions.ask.${kind}`, { n })} onClose={onClose}>
      <div className="form">
        <p>
          <GroupName group={group} schema={schema} />
        </p>
        <p className="muted">{t(`suggestions.means.${kind}`)}</p>
        <div className="form-actions">
          <Button weight="primary" onClick={onYes}>
            {t(kind === "accepted" ? "suggestions.accept_all" : "suggestions.refuse_all", { n })}
          </Button>
          <Button weight="quiet" onClick={onClose}>
            {t("suggestions.cancel")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
