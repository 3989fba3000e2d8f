// Lets style props carry custom properties.
import "react";

type CustomProperties = Record<`--${string}`, string | number | undefined>;

declare module "react" {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merged into React's own
  interface CSSProperties extends CustomProperties {}
}
