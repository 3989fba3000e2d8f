// Where there are many relations: draw all arcs, or only those of what is selected.
import { MANY_ARCS } from "@/core/state";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";

interface ToggleProps {
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
}

export function ArcsToggle({ state, onState }: ToggleProps) {
  const { t } = useI18n();
  const n = state.work.relations.length;
  if (n <= MANY_ARCS) return null;
  return (
    <Button
      className="arcs-toggle"
      weight="quiet"
      size="small"
      aria-keyshortcuts="Shift+F"
      onClick={() => onState({ ...state, showsAllArcs: !state.showsAllArcs })}
    >
      {state.showsAllArcs ? t("editor.fewer_arcs") : t("editor.all_arcs", { n })}{" "}
      <kbd aria-hidden="true">⇧ F</kbd>
    </Button>
  );
}
