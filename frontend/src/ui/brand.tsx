// The name and the sign.
import { Link } from "./router";

export function Brand() {
  return (
    <Link className="brand" to="/projects" title="Relata">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--accent)" />
        <path
          d="M8 21V14a4 4 0 0 1 4-4h8a4 4 0 0 1 4 4v7"
          fill="none"
          stroke="var(--accent-ink)"
          strokeWidth="2.5"
          strokeLinecap="round"
        />
        <circle cx="8" cy="22" r="3" fill="var(--accent-ink)" />
        <circle cx="24" cy="22" r="3" fill="var(--accent-ink)" />
      </svg>
      <span className="brand-name">Relata</span>
    </Link>
  );
}
