// Who is told of changes, as it is written down.
import { isIP } from "node:net";
import { type Fault, quote } from "../target/fault.js";

/** A header whose value is a secret: it stands in the environment, and in no file and no list of processes. */
export interface SecretHeader {
  readonly name: string;
  /** The variable of the environment that has the value. */
  readonly variable: string;
}

/** One who is told. */
export type NotifyTarget =
  /** An absolute path and its words; no shell reads them. */
  | { readonly kind: "command"; readonly words: readonly string[] }
  | { readonly kind: "webhook"; readonly url: string; readonly headers?: readonly SecretHeader[] }
  | { readonly kind: "mail"; readonly address: string }
  /** The URL of a topic. */
  | { readonly kind: "ntfy"; readonly url: string; readonly headers?: readonly SecretHeader[] };

/** How a target is written on the command line. */
export const NOTIFY_FORMS = "command:/PATH, webhook:URL, mail:ADDRESS or ntfy:URL";

const URL_CHARACTERS_MAX = 2048;

/** Reads "webhook:https://…", "mail:root@example.org", "ntfy:https://ntfy.sh/topic", "command:/usr/local/bin/tell". */
export function parseNotifyTarget(text: string): NotifyTarget | Fault {
  const [, kind, value = ""] = /^(command|webhook|mail|ntfy):(.+)$/s.exec(text) ?? [];
  switch (kind) {
    case "command":
      return checkTarget({ kind, words: [value] });
    case "mail":
      return checkTarget({ kind, address: value });
    case "webhook":
    case "ntfy":
      return checkTarget({ kind, url: value });
    default:
      return { fault: `${quote(text)} is none of ${NOTIFY_FORMS}` };
  }
}

/** The target if it can be told without harm. */
export function checkTarget(target: NotifyTarget): NotifyTarget | Fault {
  const why = whyNot(target);
  return why === undefined ? target : { fault: why };
}

function whyNot(target: NotifyTarget): string | undefined {
  switch (target.kind) {
    case "command":
      return whyNotCommand(target.words);
    case "mail":
      return isMailAddress(target.address) ? undefined : `${quote(target.address)} is no mail address`;
    case "webhook":
      return whyNotUrl(target.url) ?? whyNotHeaders(target.headers ?? []);
    case "ntfy":
      return whyNotTopic(target.url) ?? whyNotHeaders(target.headers ?? []);
    default:
      return target satisfies never;
  }
}

function whyNotCommand(words: readonly string[]): string | undefined {
  if (words[0]?.startsWith("/") !== true) return "a command begins with the whole path of a program";
  return words.some((word) => word.includes("\0")) ? "a command has a NUL in it" : undefined;
}

/**
 * What sendmail can be given without harm: no option, no second address, no odd characters (RFC 5322 §3.2.3, dot-atom); or the name
 * of a user of this machine.
 */
export function isMailAddress(text: string): boolean {
  const isAddress = /^[A-Za-z0-9_][\w.+'=%-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text);
  return isAddress || /^[A-Za-z_][\w.-]{0,31}$/.test(text);
}

/** What is found is nobody else's business: without TLS it may go no further than to this machine or a private network. */
function whyNotUrl(text: string): string | undefined {
  if (text.length > URL_CHARACTERS_MAX || /[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) {
    return `${quote(text)} is no URL`;
  }
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    return "a URL with a password in it can be read by everybody who sees the list of processes; use a header";
  }
  if (url.protocol === "https:") return undefined;
  if (url.protocol !== "http:") return `${quote(text)} begins with neither https:// nor http://`;
  return isNear(url.hostname)
    ? undefined
    : `${quote(text)}: http:// is taken only for addresses of this machine or a private network`;
}

/** Loopback, and private networks by address (RFC 1918, RFC 4193): a name could mean any address. */
function isNear(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (host === "localhost") return true;
  if (isIP(host) === 4) return /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(host);
  return isIP(host) === 6 && /^(?:::1$|f[cd][0-9a-f]{2}:)/i.test(host);
}

/** ntfy's topics are the first part of the path: https://docs.ntfy.sh/publish/. */
function whyNotTopic(text: string): string | undefined {
  const why = whyNotUrl(text);
  if (why !== undefined) return why;
  const isTopic = /^\/[\w-]{1,64}$/.test(new URL(text).pathname);
  return isTopic ? undefined : `${quote(text)} names no topic; write it as in https://ntfy.sh/TOPIC`;
}

/** RFC 9110 §5.6.2, token. */
function whyNotHeaders(headers: readonly SecretHeader[]): string | undefined {
  const bad = headers.find(
    ({ name, variable }) => !/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name) || !/^[A-Za-z_]\w*$/.test(variable),
  );
  return bad === undefined ? undefined : `${quote(bad.name)} with ${quote(bad.variable)} is no header and variable`;
}
