// A labelled tick box, with room for a hint and for what is wrong.
import { useId } from "react";
import { Below, reference } from "./field";
import type { FieldProps } from "./field";

export function Tick({ label, hint, problem, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <div className="check">
        <input {...rest} type="checkbox" {...reference(id, { hint, problem })} />
        <label htmlFor={id}>{label}</label>
      </div>
      <Below id={id} hint={hint} problem={problem} />
    </div>
  );
}
