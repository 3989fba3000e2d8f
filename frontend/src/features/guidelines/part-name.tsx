// A part by its type: colour, label, key.
import { useI18n } from "@/i18n/context";
import { GENERAL } from "./parts";
import type { Part } from "./parts";

export function PartName({ part }: { readonly part: Part }) {
  const { t } = useI18n();
  if (part.name === GENERAL) return <>{t("guidelines.general")}</>;
  return (
    <>
      <span className="swatch" style={{ "--swatch": part.color }} aria-hidden="true" /> {part.label}{" "}
      {part.key === "" ? null : <kbd>{part.key.toUpperCase()}</kbd>}
    </>
  );
}
