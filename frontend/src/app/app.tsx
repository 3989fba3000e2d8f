// Who is there, and which page they asked for.
import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { getSession } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { useProjectEvents } from "@/api/use-project-events";
import { LoginPage } from "@/features/accounts/login-page";
import { SenderProvider } from "@/features/annotation/sender-context";
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
  const page = findPage(path);
  useProjectEvents(user === null ? null : page.projectId);
  if (session.isPending) return <Loading />;
  if (session.error !== null) return <Problem error={session.error} />;
  if (user === null || path === "/login") return <LoginPage />;
  return (
    <SenderProvider key={user.id} userId={user.id}>
      <Shell user={user} page={page}>
        <Suspense fallback={<Loading />}>{page.show(user)}</Suspense>
      </Shell>
    </SenderProvider>
  );
}
