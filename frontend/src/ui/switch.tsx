// A tick that takes effect at once: shown as asked while the answer is under way.
import { startTransition, useOptimistic } from "react";
import type { ReactNode } from "react";

interface SwitchProps {
  readonly label: ReactNode;
  readonly isOn: boolean;
  /** Settles when the change is stored or refused; what was refused is shown as it was. */
  readonly onSwitch: (isOn: boolean) => Promise<unknown>;
}

export function Switch({ label, isOn, onSwitch }: SwitchProps) {
  const [isShownOn, show] = useOptimistic(isOn);
  const change = (wanted: boolean) => {
    startTransition(async () => {
      show(wanted);
      await onSwitch(wanted).catch(() => undefined); // said by whoever asks for the change
    });
  };
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={isShownOn}
        onChange={({ target }) => change(target.checked)}
      />
      {label}
    </label>
  );
}
