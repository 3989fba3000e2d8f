// The address bar as state: match a path, go to a path, link to a path.
import { useCallback, useSyncExternalStore } from "react";
import type { AnchorHTMLAttributes, MouseEvent } from "react";

const MOVED = "relata:moved";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(MOVED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(MOVED, listener);
  };
}

export function goTo(path: string, how: "push" | "replace" = "push"): void {
  if (how === "push") window.history.pushState(null, "", path);
  else window.history.replaceState(null, "", path);
  window.dispatchEvent(new Event(MOVED));
  if (how === "push") window.scrollTo(0, 0);
}

const OVER = { isOver: true };

function isOver(): boolean {
  const state: unknown = window.history.state;
  return typeof state === "object" && state !== null && "isOver" in state;
}

/** Open something on the page as it stands: Back closes it. What is opened next takes its place. */
export function openOver(path: string): void {
  if (window.location.search === "") window.history.pushState(OVER, "", path);
  else window.history.replaceState(window.history.state, "", path);
  window.dispatchEvent(new Event(MOVED));
}

/** Close what was opened; who came by a link has nowhere to go back to. */
export function closeOver(): void {
  if (isOver()) window.history.back();
  else goTo(window.location.pathname, "replace");
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => window.location.pathname);
}

/** What stands behind the question mark of the address. */
export function useQueryString(): string {
  return useSyncExternalStore(subscribe, () => window.location.search);
}

export type PathParams = Readonly<Record<string, string>>;

/** Match "/projects/:id" against a path; null when it does not fit. */
export function matchPath(pattern: string, path: string): PathParams | null {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return params;
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { readonly to: string };

export function Link({ to, onClick, children, ...rest }: LinkProps) {
  const follow = useCallback(
    (event: MouseEvent<HTMLAnchorElement>) => {
      onClick?.(event);
      const wantsNewTab = event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0;
      if (event.defaultPrevented || wantsNewTab) return;
      event.preventDefault();
      goTo(to);
      // The keys of the new page are for it, not for the link one came by.
      document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
    },
    [onClick, to],
  );
  return (
    <a {...rest} href={to} onClick={follow}>
      {children}
    </a>
  );
}
