// The one sender of the person who is logged in; it goes on sending whatever page is shown.
import { createContext, use, useEffect, useState, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import { getSession, putAnnotation } from "@/api/endpoints";
import { databaseStore } from "./desk-store";
import { Sender } from "./sender";
import { claimTab } from "./tab";
import type { SendingState } from "./sender";

const LOOK_EVERY = 20_000;
const Context = createContext<Sender | null>(null);

function newSender(userId: number): Sender {
  return new Sender(userId, {
    store: databaseStore(claimTab),
    save: (id, letter) => putAnnotation(id, letter.base ?? 0, letter.key, letter.body),
    whoAmI: async () => (await getSession()).user?.id ?? null,
    now: () => Date.now(),
    chance: () => Math.random(),
  });
}

interface ProviderProps {
  readonly userId: number;
  readonly children: ReactNode;
}

export function SenderProvider({ userId, children }: ProviderProps) {
  const [sender] = useState(() => newSender(userId));
  useEffect(() => {
    sender.resume();
    void sender.load().catch(() => undefined);
    const hurry = () => sender.hurry();
    window.addEventListener("online", hurry);
    const looking = setInterval(() => void sender.lookAround().catch(() => undefined), LOOK_EVERY);
    return () => {
      clearInterval(looking);
      window.removeEventListener("online", hurry);
      sender.stop();
    };
  }, [sender]);
  return <Context value={sender}>{children}</Context>;
}

export function useSender(): Sender {
  const sender = use(Context);
  if (sender === null) throw new Error("useSender needs a SenderProvider above it");
  return sender;
}

export function useSending(): SendingState {
  const sender = useSender();
  return useSyncExternalStore(sender.subscribe, sender.state);
}
