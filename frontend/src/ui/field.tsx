// A labelled input or choice, with room for a hint and for what is wrong.
import { useId } from "react";
import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes } from "react";

interface Remarks {
  readonly hint?: ReactNode;
  /** What is wrong with the value, in words. */
  readonly problem?: string | undefined;
}

export interface Labelled extends Remarks {
  readonly label: string;
}

/** What stands below a field. */
export function Below({ id, hint, problem }: Remarks & { readonly id: string }) {
  return (
    <>
      {problem ? (
        <p id={`${id}-problem`} className="field-problem">
          {problem}
        </p>
      ) : null}
      {hint ? (
        <div id={`${id}-hint`} className="hint">
          {hint}
        </div>
      ) : null}
    </>
  );
}

/** The attributes by which a field refers to what stands below it. */
export function reference(id: string, { hint, problem }: Remarks) {
  const ids = [problem ? `${id}-problem` : "", hint ? `${id}-hint` : ""].join(" ").trim();
  return {
    id,
    "aria-invalid": problem ? true : undefined,
    "aria-describedby": ids === "" ? undefined : ids,
  };
}

export type FieldProps = Labelled & InputHTMLAttributes<HTMLInputElement>;

export function Field({ label, hint, problem, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input {...rest} {...reference(id, { hint, problem })} />
      <Below id={id} hint={hint} problem={problem} />
    </div>
  );
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

interface ChoiceProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange"> {
  readonly options: readonly Option[];
  readonly onChoose: (value: string) => void;
}

export function Choice({
  label,
  hint,
  problem,
  options,
  onChoose,
  ...rest
}: Labelled & ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        {...rest}
        {...reference(id, { hint, problem })}
        onChange={(event) => onChoose(event.target.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <Below id={id} hint={hint} problem={problem} />
    </div>
  );
}

export function FieldRow({ children }: { readonly children: ReactNode }) {
  return <div className="field-row">{children}</div>;
}
