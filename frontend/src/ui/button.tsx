// A button in one of four weights.
import type { ButtonHTMLAttributes } from "react";

type Weight = "primary" | "plain" | "quiet" | "danger";
type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly weight?: Weight;
  readonly size?: "small" | "normal" | "large";
};

export function Button({
  weight = "plain",
  size = "normal",
  type,
  className,
  ...rest
}: ButtonProps) {
  const classes = ["button", `button-${weight}`, `button-${size}`, className ?? ""];
  return <button {...rest} type={type ?? "button"} className={classes.join(" ").trim()} />;
}
