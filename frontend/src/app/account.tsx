// Who is logged in: a small menu that leads to one's settings and out.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { logOut } from "@/api/endpoints";
import type { User } from "@/api/types";
import { useSender } from "@/features/annotation/sender-context";
import { useI18n } from "@/i18n/context";
import { Link, goTo } from "@/ui/router";

/** Closes the menu when one clicks elsewhere, moves on, or presses Escape. */
function useClosing() {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = () => menu.current?.removeAttribute("open");
    const look = (event: PointerEvent) => {
      if (event.target instanceof Node && menu.current?.contains(event.target) !== true) close();
    };
    const press = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || menu.current?.open !== true) return;
      event.stopPropagation();
      close();
      menu.current.querySelector("summary")?.focus();
    };
    const element = menu.current;
    document.addEventListener("pointerdown", look);
    element?.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("pointerdown", look);
      element?.removeEventListener("keydown", press);
    };
  }, []);
  return { menu, close: () => menu.current?.removeAttribute("open") };
}

export function Account({ user }: { readonly user: User }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const sender = useSender();
  const { menu, close } = useClosing();
  const leaving = useMutation({
    mutationFn: async () => {
      await sender.forget();
      await logOut();
    },
    onSuccess: () => {
      queries.clear();
      goTo("/login");
    },
  });
  return (
    <details ref={menu} className="account">
      <summary data-testid="account">
        <span className="account-name">{user.display_name || user.username}</span>
      </summary>
      <div className="account-menu">
        <Link to="/settings" onClick={close}>
          {t("shell.settings")}
        </Link>
        <button type="button" onClick={() => leaving.mutate()}>
          {t("shell.log_out")}
        </button>
      </div>
    </details>
  );
}
