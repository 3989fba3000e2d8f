// Name and password, and a code when the server asks for one.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/api/client";
import { logIn } from "@/api/endpoints";
import type { User } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Problem } from "@/ui/notice";
import { CodeField } from "./code-form";

interface LoginFormProps {
  readonly onEnter: (user: User) => void;
  readonly onSetup: () => void;
}

const codeOf = (error: Error | null) => (error instanceof ApiError ? error.code : "");

function useAttempt({ onEnter, onSetup }: LoginFormProps) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const attempt = useMutation({
    mutationFn: () => logIn(username, password, code ?? ""),
    onSuccess: ({ user }) => {
      if (user !== null) onEnter(user);
    },
    onError: (error) => {
      if (codeOf(error) === "second_factor_needed") setCode("");
      if (codeOf(error) === "second_factor_setup") onSetup();
    },
  });
  return { username, setUsername, password, setPassword, code, setCode, attempt };
}

export function LoginForm(props: LoginFormProps) {
  const { t } = useI18n();
  const { username, setUsername, password, setPassword, code, setCode, attempt } =
    useAttempt(props);
  const isAsked = codeOf(attempt.error) === "second_factor_needed";
  return (
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
      {code === null ? null : <CodeField code={code} onCode={setCode} />}
      {isAsked ? null : <Problem error={attempt.error} />}
      <Button type="submit" weight="primary" size="large" disabled={attempt.isPending}>
        {attempt.isPending ? t("login.busy") : t("login.submit")}
      </Button>
    </form>
  );
}
