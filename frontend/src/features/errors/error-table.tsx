// One row a type, one column a class of error; each number opens the statements that it counts.
import type { ErrorPart } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { SIDES } from "./cell";
import type { Kind } from "./cell";
import { Count } from "./count";
import type { OpenProps } from "./count";
import { useClassName } from "./use-words";

const RATES = ["precision", "recall", "f1"] as const;

interface RowProps extends OpenProps {
  readonly kind: Kind;
  readonly type?: string;
  readonly row: ErrorPart["total"];
  readonly classes: readonly string[];
}

function Row({ kind, type, row, classes, opened, onOpen }: RowProps) {
  const { t, format } = useI18n();
  const most = Math.max(1, row.gold, row.predicted);
  return (
    <tr className={type === undefined ? "error-total" : undefined}>
      <th scope="row">{type ?? t("analysis.all_types")}</th>
      {classes.map((name) => {
        const count = row.cells[name] ?? 0;
        return (
          <td key={name} className="right">
            <Count
              count={count}
              heat={count / most}
              cell={{ kind, type, class: name }}
              testId={`cell-${kind}-${type ?? "all"}-${name}`}
              opened={opened}
              onOpen={onOpen}
            />
          </td>
        );
      })}
      {SIDES.map((side) => (
        <td key={side} className={side === "gold" ? "right error-sum" : "right"}>
          <Count
            count={row[side]}
            cell={type === undefined ? { kind, side } : { kind, [side]: type }}
            opened={opened}
            onOpen={onOpen}
          />
        </td>
      ))}
      {RATES.map((name) => (
        <td key={name} className="right">
          {format.score(row[name])}
        </td>
      ))}
    </tr>
  );
}

interface ErrorTableProps extends OpenProps {
  readonly kind: Kind;
  readonly part: ErrorPart;
}

export function ErrorTable({ kind, part, opened, onOpen }: ErrorTableProps) {
  const { t } = useI18n();
  const nameOf = useClassName();
  const common = { kind, classes: part.classes, opened, onOpen };
  return (
    <div className="table-wrap">
      <table className="error-table" data-testid={`errors-${kind}`}>
        <caption className="visually-hidden">{t(`analysis.${kind}`)}</caption>
        <thead>
          <tr>
            <th scope="col">{t("analysis.type")}</th>
            {part.classes.map((name) => (
              <th key={name} scope="col" className="right">
                {nameOf(name)}
              </th>
            ))}
            <th scope="col" className="right error-sum">
              {t("analysis.gold_count")}
            </th>
            <th scope="col" className="right">
              {t("analysis.model_count")}
            </th>
            {RATES.map((name) => (
              <th key={name} scope="col" className="right">
                {t(`analysis.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {part.types.map((row) => (
            <Row key={row.type} {...common} type={row.type} row={row} />
          ))}
        </tbody>
        <tfoot>
          <Row {...common} row={part.total} />
        </tfoot>
      </table>
    </div>
  );
}
