// Every call that the pages make, by name.
import { BASE, request } from "./client";
import type {
  Annotation,
  Bias,
  Catalogue,
  Check,
  Comment,
  Compared,
  Comparison,
  Curves,
  Diff,
  Enrolment,
  ErrorSentences,
  Errors,
  Guidelines,
  ImportJob,
  InsertsPreview,
  Leaderboard,
  Lease,
  ListedSentence,
  Member,
  ModelVersion,
  NewAnnotation,
  NewGuidelines,
  NewMember,
  NewPreferences,
  NewProject,
  NewRun,
  NewSchema,
  NewSchemaChange,
  NextSentences,
  Page,
  Policy,
  PolicyChange,
  Preferences,
  Progress,
  Project,
  ProjectChange,
  Provider,
  RecoveryCodes,
  Role,
  Run,
  SavedAnnotation,
  Schema,
  SchemaChange,
  SecondFactor,
  Sentence,
  Session,
  SourceDocument,
  Statement,
  StatementName,
  TrainingState,
  Trust,
} from "./types";

const project = (id: number) => `projects/${id}/`;

export const getSession = () => request<Session>("auth/session/");
export const logIn = (username: string, password: string, code: string) =>
  request<Session>("auth/session/", { method: "POST", body: { username, password, code } });
export const logOut = () => request<undefined>("auth/session/", { method: "DELETE" });
export const getProvider = () => request<Provider>("auth/provider/");
/** Where the browser itself goes, to come back to `wanted` when the provider has let it in. */
export const providerAddress = (wanted: string) =>
  `${BASE}auth/provider/start/?next=${encodeURIComponent(wanted)}`;
export const getSecondFactor = () => request<SecondFactor>("auth/second-factor/");
export const beginSecondFactor = () =>
  request<Enrolment>("auth/second-factor/", { method: "POST" });
export const confirmSecondFactor = (code: string) =>
  request<RecoveryCodes>("auth/second-factor/", { method: "PUT", body: { code } });
export const removeSecondFactor = (code: string) =>
  request<undefined>("auth/second-factor/", { method: "DELETE", body: { code } });
export const getPreferences = () => request<Preferences>("auth/preferences/");
export const putPreferences = (body: NewPreferences) =>
  request<Preferences>("auth/preferences/", { method: "PUT", body });

export const listProjects = () => request<Page<Project>>("projects/");
export const createProject = (body: NewProject) =>
  request<Project>("projects/", { method: "POST", body });
export const getProject = (id: number) => request<Project>(project(id));
export const changeProject = (id: number, body: ProjectChange) =>
  request<Project>(project(id), { method: "PATCH", body });
export const getProgress = (id: number) => request<Progress>(`${project(id)}progress/`);
export const getCatalogue = () => request<Catalogue>("catalogue/");

export const listMembers = (id: number) => request<Page<Member>>(`${project(id)}members/`);
export const addMember = (id: number, body: NewMember) =>
  request<Member>(`${project(id)}members/`, { method: "POST", body });
export const changeMember = (id: number, role: Role) =>
  request<Member>(`members/${id}/`, { method: "PATCH", body: { role } });
export const removeMember = (id: number) =>
  request<undefined>(`members/${id}/`, { method: "DELETE" });

export const getSchema = (id: number) => request<Schema>(`${project(id)}schema/`);
export const putSchema = (id: number, body: NewSchema) =>
  request<Schema>(`${project(id)}schema/`, { method: "PUT", body });

export const getGuidelines = (id: number) => request<Guidelines>(`${project(id)}guidelines/`);
/** Write the next version on top of the one that was changed. */
export const putGuidelines = (id: number, version: number, body: NewGuidelines) =>
  request<Guidelines>(`${project(id)}guidelines/`, {
    method: "PUT",
    headers: { "If-Match": `"${version}"` },
    body,
  });

/** The next sentences of the queue; the first time one's own unfinished ones come first. */
export const takeNext = (id: number, count: number, resume: boolean) =>
  request<NextSentences>(`${project(id)}next/`, {
    method: "POST",
    body: { count, resume },
  });
export const getSentence = (id: number) => request<Sentence>(`sentences/${id}/`);
export const renewLease = (id: number) =>
  request<Lease>(`sentences/${id}/lease/`, { method: "POST" });
export const returnLease = (id: number) =>
  request<undefined>(`sentences/${id}/lease/`, { method: "DELETE", keepalive: true });

export const listImports = (id: number) => request<Page<ImportJob>>(`${project(id)}imports/`);
export const startImport = (id: number, form: FormData) =>
  request<ImportJob>(`${project(id)}imports/`, { method: "POST", form });
export const previewInserts = (id: number, form: FormData) =>
  request<InsertsPreview>(`${project(id)}imports/preview/`, { method: "POST", form });
export const cancelImport = (id: number, importId: number) =>
  request<ImportJob>(`${project(id)}imports/${importId}/cancel/`, { method: "POST" });

export const listRuns = (id: number) => request<Page<Run>>(`${project(id)}runs/`);
export const startRun = (id: number, body: NewRun) =>
  request<Run>(`${project(id)}runs/`, { method: "POST", body });
export const cancelRun = (id: number) => request<Run>(`runs/${id}/cancel/`, { method: "POST" });
export const listModels = (id: number) => request<Page<ModelVersion>>(`${project(id)}models/`);
export const promoteModel = (id: number) =>
  request<ModelVersion>(`models/${id}/promote/`, { method: "POST" });
export const rollbackModel = (projectId: number) =>
  request<ModelVersion>(`${project(projectId)}models/rollback/`, { method: "POST" });

export const getLeaderboard = (id: number, versions: string) =>
  request<Leaderboard>(`${project(id)}models/leaderboard/?versions=${versions}`);
export const measureModel = (projectId: number, id: number) =>
  request<ModelVersion>(`${project(projectId)}models/${id}/measure/`, { method: "POST" });
/** Several models on the same labels, one after the other. */
export const trainSeveral = (id: number, choices: readonly NewRun[]) =>
  request<Compared>(`${project(id)}runs/several/`, { method: "POST", body: { choices } });
export const listComparisons = (id: number) =>
  request<Page<Comparison>>(`${project(id)}comparisons/`);
export const getComparison = (id: number, comparison: number) =>
  request<Compared>(`${project(id)}comparisons/${comparison}/`);
export const getDiff = (
  id: number,
  pair: readonly [number, number],
  query: Readonly<Record<string, string>>,
) =>
  request<Diff>(
    `${project(id)}models/${pair[0]}/diff/${pair[1]}/?${new URLSearchParams(query).toString()}`,
  );
export const followDiff = (next: string) => {
  const { pathname, search } = new URL(next);
  return request<Diff>(pathname + search);
};

export const getErrors = (id: number, version: number) =>
  request<Errors>(`${project(id)}models/${version}/errors/`);
/** The sentences behind a number; `next` is a whole address. */
export const listErrorSentences = (
  id: number,
  version: number,
  query: Readonly<Record<string, string>>,
) =>
  request<ErrorSentences>(
    `${project(id)}models/${version}/errors/sentences/?${new URLSearchParams(query).toString()}`,
  );
export const followErrorSentences = (next: string) => {
  const { pathname, search } = new URL(next);
  return request<ErrorSentences>(pathname + search);
};

/** What the model suggests and one has neither said nor refused; `next` is a whole address. */
export const listSuggestions = (id: number, query: Readonly<Record<string, string>>) =>
  request<Page<Statement>>(`${project(id)}suggestions/?${new URLSearchParams(query).toString()}`);
export const followPage = <Item>(next: string) => {
  const { pathname, search } = new URL(next);
  return request<Page<Item>>(pathname + search);
};
export const changeRefusals = (
  id: number,
  method: "POST" | "DELETE",
  statements: readonly StatementName[],
) => request<undefined>(`${project(id)}suggestions/refusals/`, { method, body: { statements } });
export const getAnnotation = (id: number) => request<Annotation>(`sentences/${id}/annotation/`);

export const getBias = (id: number) => request<Bias>(`${project(id)}automation-bias/`);

/** One's own accepted checks that wait, or those of everyone. */
export const listChecks = (id: number, everyone: boolean) =>
  request<Page<Check>>(`${project(id)}checks/?everyone=${everyone}`);
export const confirmCheck = (sentenceId: number) =>
  request<{ readonly state: string }>(`sentences/${sentenceId}/check/`, { method: "POST" });

export const getTrust = (id: number, version: number) =>
  request<Trust>(`${project(id)}models/${version}/calibration/`);

export const getPolicy = (id: number) => request<Policy>(`${project(id)}policy/`);
export const changePolicy = (id: number, body: PolicyChange) =>
  request<Policy>(`${project(id)}policy/`, { method: "PATCH", body });
export const getTrainingState = (id: number) => request<TrainingState>(`${project(id)}training/`);

export const getCurves = (id: number) => request<Curves>(`${project(id)}curves/`);

export const exportUrl = (id: number, format: string, state: string) =>
  `/api/v1/${project(id)}export/?${new URLSearchParams({ format, state }).toString()}`;

/** Whether the format can hold the labels: nothing, or an error that says which sentences it cannot. */
export const checkExport = (id: number, format: string, state: string) =>
  request<undefined>(
    `${project(id)}export/check/?${new URLSearchParams({ format, state }).toString()}`,
  );

/** Save a whole graph: on top of a version, under a key that makes repeating it harmless. */
export const putAnnotation = (id: number, version: number, key: string, body: NewAnnotation) =>
  request<SavedAnnotation>(`sentences/${id}/annotation/`, {
    method: "PUT",
    headers: { "If-Match": `"${version}"`, "Idempotency-Key": key },
    body,
  });

export const listSentences = (id: number, query: Readonly<Record<string, string>>) =>
  request<Page<ListedSentence>>(
    `${project(id)}sentences/?${new URLSearchParams(query).toString()}`,
  );
export const getDocument = (sentenceId: number) =>
  request<SourceDocument>(`sentences/${sentenceId}/document/`);

const thread = (sentenceId: number) => `sentences/${sentenceId}/comments/`;
export const listComments = (sentenceId: number) => request<Page<Comment>>(thread(sentenceId));
export const addComment = (sentenceId: number, text: string) =>
  request<Comment>(thread(sentenceId), { method: "POST", body: { text } });
export const changeComment = (
  sentenceId: number,
  commentId: number,
  change: { readonly text: string } | { readonly resolved: boolean },
) => request<Comment>(`${thread(sentenceId)}${commentId}/`, { method: "PATCH", body: change });
export const removeComment = (sentenceId: number, commentId: number) =>
  request<undefined>(`${thread(sentenceId)}${commentId}/`, { method: "DELETE" });

/** Without a token the change is only shown; with the token of what was shown it is done. */
export const changeSchema = (id: number, body: NewSchemaChange) =>
  request<SchemaChange>(`${project(id)}schema/changes/`, { method: "POST", body });
