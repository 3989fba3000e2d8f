// Log in, with a second factor where there is one, then go where one wanted to go.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/api/client";
import { keys } from "@/api/keys";
import type { User } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Brand } from "@/ui/brand";
import { PageHead } from "@/ui/head";
import { Notice, Problem } from "@/ui/notice";
import { goTo } from "@/ui/router";
import { Tools } from "@/ui/tools";
import { FactorSetup } from "./factor-setup";
import { LoginForm } from "./login-form";
import { ProviderLink } from "./provider-link";

function wantedPath(): string {
  const wanted = new URLSearchParams(window.location.search).get("next") ?? "";
  return /^\/(?![/\\])/.test(wanted) ? wanted : "/projects";
}

/** What went wrong on the way back from the provider: a code in the address. */
function broughtProblem(): Error | null {
  const code = new URLSearchParams(window.location.search).get("problem") ?? "";
  return code.startsWith("sign_on_") ? new ApiError(0, code, "") : null;
}

/** The admin site is another program's pages: the browser has to fetch them. */
function goOn(path: string): void {
  if (path.startsWith("/admin/")) window.location.assign(path);
  else goTo(path, "replace");
}

export function LoginPage() {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [isSettingUp, setSettingUp] = useState(false);
  const enter = (user: User) => {
    queries.clear();
    queries.setQueryData(keys.session, { user });
    goOn(wantedPath());
  };
  return (
    <main className="login">
      <div className="login-box">
        <Brand />
        <PageHead title={t("login.title")} lead={t("login.lead")} />
        {isSettingUp ? (
          <>
            <Notice>{t("factor.needed")}</Notice>
            <FactorSetup onDone={enter} />
          </>
        ) : (
          <>
            <Problem error={broughtProblem()} />
            <LoginForm onEnter={enter} onSetup={() => setSettingUp(true)} />
            <ProviderLink wanted={wantedPath()} />
          </>
        )}
        <div className="login-tools">
          <Tools />
        </div>
      </div>
    </main>
  );
}
