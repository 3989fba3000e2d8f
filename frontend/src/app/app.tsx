// Who is there, and which page they asked for.
import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { getSession } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { LoginPage } from "@/features/accounts/login-page";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { goTo, usePath } from "@/ui/router";
import { findPage } from "./pages";
import { Shell } from "./shell";

function useLoginRedirect(path: string, isStranger: boolean): void {
  useEffect(() => {
    if (isStranger && path !== "/login") {
      goTo(`/login?next=${encodeURIComponent(path)}`, "replace");
    }
    if (!isStranger && path === "/") goTo("/projects", "replace");
  }, [isStranger, path]);
}

export function App() {
  const path = usePath();
  const session = useQuery({ queryKey: keys.session, queryFn: getSession, staleTime: Infinity });
  const user = session.data?.user ?? null;
  useLoginRedirect(path, session.isSuccess && user === null);
  if (session.isPending) return <Loading />;
  if (session.error !== null) return <Problem error={session.error} />;
  if (user === null || path === "/login") return <LoginPage />;
  const page = findPage(path);
  return (
    <Shell user={user} page={page}>
      <Suspense fallback={<Loading />}>{page.show(user)}</Suspense>
    </Shell>
  );
}
