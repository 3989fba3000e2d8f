// Hands a project's events on to whoever is on the page and wants to hear them.
import { useEffect, useEffectEvent } from "react";
import type { ProjectEvent } from "./event-stream";

const listeners = new Set<(event: ProjectEvent) => void>();

export function announce(event: ProjectEvent): void {
  for (const listener of listeners) listener(event);
}

/** Hear events of one kind as long as the component is there. */
export function useNews(kind: string, onNews: (event: ProjectEvent) => void): void {
  const hear = useEffectEvent(onNews);
  useEffect(() => {
    const listener = (event: ProjectEvent) => {
      if (event.kind === kind) hear(event);
    };
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [kind]);
}
