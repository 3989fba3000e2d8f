// The schema to change: names, colours, keys, direction, legal pairs.
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { withEntity, withRelation } from "./draft";
import type { Draft, DraftType } from "./draft";
import { LooksStrip } from "./looks-strip";
import { PairGrid } from "./pair-grid";

interface TypeFieldsProps<Type extends DraftType> {
  readonly type: Type;
  readonly onType: (type: Type) => void;
  readonly onRemove: () => void;
}

function TypeFields<Type extends DraftType>({ type, onType, onRemove }: TypeFieldsProps<Type>) {
  const { t } = useI18n();
  const set = (change: Partial<DraftType>) => onType({ ...type, ...change });
  const called = type.label || type.name;
  return (
    <div className="type-fields">
      <input
        type="color"
        aria-label={`${t("schema.color")} ${called}`}
        value={type.color}
        onChange={(event) => set({ color: event.target.value })}
      />
      <input
        aria-label={`${t("schema.name")} ${called}`}
        placeholder={t("schema.name")}
        value={type.name}
        disabled={!type.isNew}
        maxLength={60}
        onChange={(event) => set({ name: event.target.value })}
      />
      <input
        aria-label={`${t("schema.label")} ${called}`}
        placeholder={t("schema.label")}
        value={type.label}
        maxLength={60}
        onChange={(event) => set({ label: event.target.value })}
      />
      <input
        className="key-input"
        aria-label={`${t("schema.key")} ${called}`}
        placeholder={t("schema.key")}
        value={type.key}
        maxLength={1}
        onChange={(event) => set({ key: event.target.value })}
      />
      <Button
        weight="quiet"
        size="small"
        aria-label={`${t("ui.remove")} ${called}`}
        onClick={onRemove}
      >
        ✕
      </Button>
    </div>
  );
}

interface SchemaEditorProps {
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
}

export function SchemaEditor({ draft, onDraft }: SchemaEditorProps) {
  const { t } = useI18n();
  const { entities, relations } = draft;
  const swap = <Type extends DraftType>(types: readonly Type[], type: Type) =>
    types.map((one) => (one.id === type.id ? type : one));
  const without = <Type extends DraftType>(types: readonly Type[], type: Type) =>
    types.filter((one) => one.id !== type.id);
  return (
    <>
      <Card title={t("schema.entities")}>
        <LooksStrip types={entities} />
        {entities.map((type) => (
          <TypeFields
            key={type.id}
            type={type}
            onType={(next) => onDraft({ ...draft, entities: swap(entities, next) })}
            onRemove={() => onDraft({ ...draft, entities: without(entities, type) })}
          />
        ))}
        <Button size="small" onClick={() => onDraft(withEntity(draft))}>
          {t("schema.add_entity")}
        </Button>
      </Card>
      <Card title={t("schema.relations")}>
        <LooksStrip types={relations} />
        {relations.map((type) => (
          <div key={type.id} className="relation-fields">
            <TypeFields
              type={type}
              onType={(next) => onDraft({ ...draft, relations: swap(relations, next) })}
              onRemove={() => onDraft({ ...draft, relations: without(relations, type) })}
            />
            <PairGrid
              type={type}
              entities={entities}
              onType={(next) => onDraft({ ...draft, relations: swap(relations, next) })}
            />
          </div>
        ))}
        <Button size="small" onClick={() => onDraft(withRelation(draft))}>
          {t("schema.add_relation")}
        </Button>
      </Card>
    </>
  );
}
