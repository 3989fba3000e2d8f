// Log in, then go where one wanted to go.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { logIn } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { useI18n } from "@/i18n/context";
import { Brand } from "@/ui/brand";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { PageHead } from "@/ui/head";
import { Problem } from "@/ui/notice";
import { goTo } from "@/ui/router";
import { Tools } from "@/ui/tools";

function wantedPath(): string {
  const wanted = new URLSearchParams(window.location.search).get("next") ?? "";
  return /^\/(?!\/)/.test(wanted) ? wanted : "/projects";
}

export function LoginPage() {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const attempt = useMutation({
    mutationFn: () => logIn(username, password),
    onSuccess: (session) => {
      queries.clear();
      queries.setQueryData(keys.session, session);
      goTo(wantedPath(), "replace");
    },
  });
  return (
    <main className="login">
      <div className="login-box">
        <Brand />
        <PageHead title={t("login.title")} lead={t("login.lead")} />
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            attempt.mutate();
          }}
        >
          <Field
            label={t("login.username")}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            required
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
          <Field
            label={t("login.password")}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          <Problem error={attempt.error} />
          <Button type="submit" weight="primary" size="large" disabled={attempt.isPending}>
            {attempt.isPending ? t("login.busy") : t("login.submit")}
          </Button>
        </form>
        <div className="login-tools">
          <Tools />
        </div>
      </div>
    </main>
  );
}
