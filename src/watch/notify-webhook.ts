// Tells an HTTP server: the notice as JSON by POST. A redirect is not followed: it would take what was found elsewhere.
import { noticeJson } from "./notice.js";
import type { Environment, Notifier } from "./notifier.js";
import type { SecretHeader } from "./notify-target.js";

const TIMEOUT_MS = 15_000;

/** A webhook. */
export function webhookNotifier(
  url: string,
  secrets: readonly SecretHeader[],
  environment: Environment,
  timeoutMs: number = TIMEOUT_MS,
): Notifier {
  return {
    // The path of a webhook is often its password.
    name: `the webhook at ${new URL(url).host}`,
    tell: (notice) =>
      post(url, noticeJson(notice), { "content-type": "application/json" }, { secrets, environment, timeoutMs }),
  };
}

/** What a request has beside its words. */
export interface PostOptions {
  readonly secrets: readonly SecretHeader[];
  readonly environment: Environment;
  readonly timeoutMs: number;
}

/** Sends a body by POST. Undefined when the server took it (2xx), otherwise why not, without the URL. */
export async function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  { secrets, environment, timeoutMs }: PostOptions,
): Promise<string | undefined> {
  const missing = secrets.find(({ variable }) => (environment[variable] ?? "") === "");
  if (missing !== undefined) return `the variable ${missing.variable} for the header ${missing.name} is not set`;
  const secret = Object.fromEntries(secrets.map(({ name, variable }) => [name, environment[variable] ?? ""]));
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "user-agent": "postern", ...headers, ...secret },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel(); // however long it is
    if (response.ok) return undefined;
    const isMoved = response.status >= 300 && response.status < 400;
    return `the server answered ${response.status}${isMoved ? ": it is elsewhere, and redirects are not followed" : ""}`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return whyFailed(error, timeoutMs);
  }
}

/** fetch says "fetch failed" and keeps the reason to itself. A header that cannot be is a TypeError, too, that quotes its value. */
function whyFailed(error: Error, timeoutMs: number): string {
  if (error.name === "TimeoutError") return `no answer within ${Math.round(timeoutMs / 1000)} s`;
  if (error.message !== "fetch failed") return "the request could not be made: is there a line break in a header?";
  return error.cause instanceof Error ? error.cause.message : error.message;
}
