// Who is there, and which page they asked for.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useRef } from "react";
import { onStranger } from "@/api/client";
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

const A_MINUTE = 60_000;

/** Who is logged in; asked again from time to time, because a session ends when nobody works. */
function useSession() {
  const queries = useQueryClient();
  const session = useQuery({
    queryKey: keys.session,
    queryFn: getSession,
    staleTime: A_MINUTE,
    refetchInterval: A_MINUTE,
  });
  useEffect(
    () => onStranger(() => void queries.invalidateQueries({ queryKey: keys.session })),
    [queries],
  );
  const user = session.data?.user ?? null;
  const known = useRef(user?.id);
  useEffect(() => {
    const isOther = known.current !== undefined && known.current !== user?.id;
    known.current = user?.id;
    if (isOther) queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
  }, [queries, user?.id]);
  return { session, user };
}

export function App() {
  const path = usePath();
  const { session, user } = useSession();
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
