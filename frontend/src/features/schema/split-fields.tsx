// Which labels of a type go over to the new one.
import { useId } from "react";
import { useI18n } from "@/i18n/context";
import { Choice, Field } from "@/ui/field";
import { typesOf } from "./change";
import type { FormProps } from "./change";

export function SplitFields({ schema, wish, onWish }: FormProps) {
  const { t } = useI18n();
  const id = useId();
  if (wish.of === "entity") {
    return (
      <div className="field">
        <label htmlFor={id}>{t("change.surfaces")}</label>
        <textarea
          id={id}
          rows={3}
          value={wish.surfaces}
          onChange={(event) => onWish({ ...wish, surfaces: event.target.value })}
        />
      </div>
    );
  }
  const ends = [
    { value: "", label: t("change.any") },
    ...typesOf(schema, "entity").map(({ name, label }) => ({ value: name, label: label || name })),
  ];
  return (
    <>
      <Choice
        label={t("change.head_type")}
        value={wish.headType}
        options={ends}
        onChoose={(headType) => onWish({ ...wish, headType })}
      />
      <Choice
        label={t("change.tail_type")}
        value={wish.tailType}
        options={ends}
        onChoose={(tailType) => onWish({ ...wish, tailType })}
      />
      <Field
        label={t("sentences.subject")}
        value={wish.subject}
        onChange={(event) => onWish({ ...wish, subject: event.target.value })}
      />
      <Field
        label={t("sentences.object")}
        value={wish.object}
        onChange={(event) => onWish({ ...wish, object: event.target.value })}
      />
    </>
  );
}
