// The sign of a series: a disc, a square, a triangle or a diamond, so that colour is not alone.

const PATHS = [
  "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
  "M-5-5H5V5H-5Z",
  "M0-7L6.5 5H-6.5Z",
  "M0-7L7 0L0 7L-7 0Z",
];

export function Mark({ kind }: { readonly kind: number }) {
  return <path className="mark" d={PATHS[kind % PATHS.length]} />;
}

/** The same sign beside a name. */
export function Sign({ kind }: { readonly kind: number }) {
  return (
    <svg className={`sign kind-${kind % PATHS.length}`} viewBox="-18 -9 36 18" aria-hidden="true">
      <path className="line" d="M-17 0H17" />
      <Mark kind={kind} />
    </svg>
  );
}
