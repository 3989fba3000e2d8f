// The entity types with their keys; one can be armed, so that a selection takes it at once.
import { shortLabel } from "@/core/schema";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";

/** With more types than this the bar shows the first word of each label. */
const MANY = 8;

interface TypeBarProps {
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
}

export function TypeBar({ state, onState }: TypeBarProps) {
  const { t } = useI18n();
  const types = state.schema.entity_types;
  if (types.length < 2) return null;
  return (
    <div className="type-bar" role="group" aria-label={t("editor.types")}>
      {types.map((type) => {
        const isArmed = state.armed === type.name;
        return (
          <button
            key={type.name}
            type="button"
            className={isArmed ? "type-key is-armed" : "type-key"}
            aria-pressed={isArmed}
            title={`${type.label || type.name}: ${t("editor.arm_hint")}`}
            style={{ "--c": type.color }}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onState({ ...state, armed: isArmed ? null : type.name })}
          >
            <span className="swatch-c" aria-hidden="true" />
            {types.length > MANY ? shortLabel(type, type.name) : type.label || type.name}
            {type.key === "" ? null : <kbd aria-hidden="true">{type.key.toUpperCase()}</kbd>}
          </button>
        );
      })}
    </div>
  );
}
