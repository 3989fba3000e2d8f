// What shall become what: the kind of change, the types, and for a split which labels go over.
import { useI18n } from "@/i18n/context";
import { Choice, Field } from "@/ui/field";
import { Tick } from "@/ui/tick";
import { KINDS, changeable, typesOf, withKind } from "./change";
import type { FormProps, Kind, Of } from "./change";
import { SplitFields } from "./split-fields";

function Sources({ schema, wish, onWish }: FormProps) {
  const { t } = useI18n();
  const names = changeable(schema, wish);
  const label = (name: string) => {
    const found = typesOf(schema, wish.of).find((type) => type.name === name)?.label ?? "";
    return found === "" ? name : found;
  };
  if (wish.kind !== "merge") {
    return (
      <Choice
        label={t("change.from")}
        value={wish.from[0] ?? ""}
        options={["", ...names].map((name) => ({
          value: name,
          label: name === "" ? "" : label(name),
        }))}
        onChoose={(name) => onWish({ ...wish, from: name === "" ? [] : [name] })}
      />
    );
  }
  return (
    <fieldset className="change-sources">
      <legend>{t("change.from")}</legend>
      {names.map((name) => (
        <Tick
          key={name}
          label={label(name)}
          checked={wish.from.includes(name)}
          onChange={(event) => {
            const others = wish.from.filter((one) => one !== name);
            onWish({ ...wish, from: event.target.checked ? [...others, name] : others });
          }}
        />
      ))}
    </fieldset>
  );
}

function Goal({ schema, wish, onWish }: FormProps) {
  const { t } = useI18n();
  if (wish.kind === "reverse") return null;
  if (wish.kind === "merge") {
    const names = typesOf(schema, wish.of).filter(({ name }) => !wish.from.includes(name));
    return (
      <Choice
        label={t("change.into_type")}
        value={wish.into}
        options={[
          { value: "", label: "" },
          ...names.map(({ name, label }) => ({ value: name, label: label || name })),
        ]}
        onChoose={(into) => onWish({ ...wish, into })}
      />
    );
  }
  return (
    <Field
      label={t("change.into_name")}
      value={wish.into}
      maxLength={60}
      autoComplete="off"
      onChange={(event) => onWish({ ...wish, into: event.target.value })}
    />
  );
}

export function ChangeForm({ schema, wish, onWish }: FormProps) {
  const { t } = useI18n();
  return (
    <div className="change-form">
      <Choice
        label={t("change.kind")}
        value={wish.kind}
        options={KINDS.map((kind) => ({ value: kind, label: t(`change.kind.${kind}`) }))}
        onChoose={(kind) => onWish(withKind(wish, kind as Kind, wish.of))}
      />
      {wish.kind === "reverse" ? null : (
        <Choice
          label={t("change.of")}
          value={wish.of}
          options={[
            { value: "relation", label: t("schema.relations") },
            { value: "entity", label: t("schema.entities") },
          ]}
          onChoose={(of) => onWish(withKind(wish, wish.kind, of as Of))}
        />
      )}
      <Sources schema={schema} wish={wish} onWish={onWish} />
      <Goal schema={schema} wish={wish} onWish={onWish} />
      {wish.kind === "split" ? <SplitFields schema={schema} wish={wish} onWish={onWish} /> : null}
      {wish.kind === "merge" && wish.of === "relation" ? (
        <Tick
          label={t("change.extend")}
          checked={wish.extendPairs}
          onChange={(event) => onWish({ ...wish, extendPairs: event.target.checked })}
        />
      ) : null}
    </div>
  );
}
