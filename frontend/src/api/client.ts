// One way to call the server: session cookie, CSRF token, and errors with a code for programs.
import { isUnattended } from "./attention";

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    context: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.context = context;
  }
}

/** The server could not be reached, or could not answer: trying again later may help. */
export class UnreachableError extends Error {
  readonly code = "unreachable";

  constructor(message: string) {
    super(message);
    this.name = "UnreachableError";
  }
}

export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly keepalive?: boolean;
}

export const BASE = "/api/v1/";

const strangerListeners = new Set<() => void>();

/** Be told when the server no longer knows who this browser is. */
export function onStranger(listener: () => void): () => void {
  strangerListeners.add(listener);
  return () => {
    strangerListeners.delete(listener);
  };
}

/** Behind TLS the cookie has the prefix that ties it to this host. */
function csrfToken(): string {
  const found = /(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie);
  return found?.[1] ?? "";
}

function requestInit(call: Call): RequestInit {
  const method = call.method ?? "GET";
  const headers = new Headers({ Accept: "application/json", ...call.headers });
  if (method !== "GET") headers.set("X-CSRFToken", csrfToken());
  if (call.body !== undefined) headers.set("Content-Type", "application/json");
  if (isUnattended()) headers.set("X-Relata-Unattended", "1");
  return {
    method,
    headers,
    credentials: "same-origin",
    keepalive: call.keepalive ?? false,
    signal: call.signal ?? null,
    body: call.form ?? (call.body === undefined ? null : JSON.stringify(call.body)),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function errorFrom(response: Response): Promise<Error> {
  if (response.status === 502 || response.status === 503 || response.status === 504) {
    return new UnreachableError(`The server answered ${response.status}`);
  }
  const body: unknown = await response.json().catch(() => null);
  const said = isRecord(body) ? body : {};
  return new ApiError(
    response.status,
    typeof said["code"] === "string" ? said["code"] : `http_${response.status}`,
    typeof said["message"] === "string" ? said["message"] : response.statusText,
    isRecord(said["context"]) ? said["context"] : {},
  );
}

/** Call a path under the API and return the answer's JSON; the caller names its type. */
export async function request<Answer>(path: string, call: Call = {}): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path.startsWith("/") ? path : BASE + path, requestInit(call));
  } catch (error) {
    if (call.signal?.aborted === true) throw error;
    throw new UnreachableError("The server could not be reached");
  }
  if (response.status === 401) for (const listener of strangerListeners) listener();
  if (!response.ok) throw await errorFrom(response);
  if (response.status === 204) return undefined as Answer;
  return (await response.json()) as Answer;
}
