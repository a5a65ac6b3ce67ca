// `notify`: who is told of changes. Read and kept here; told elsewhere.
import * as z from "zod/mini";
import { type Fault, quote } from "../target/fault.js";
import type { NotifyTarget } from "./policy.js";
import { oneOrMore, readBy, section } from "./schema-words.js";

/** A target without its place. */
export type NotifyText = NotifyTarget extends infer One ? (One extends unknown ? Omit<One, "at"> : never) : never;

const NEEDED = "needs one of command, webhook, mail and ntfy";
const COMMAND_NEEDED = "needs the whole name of a program, or a list that begins with it";
const URL_CHARACTERS_MAX = 2048;

/** The section: a list. */
export function notifySection(): z.ZodMiniType<readonly NotifyText[]> {
  const entry = z.pipe(
    section(
      {
        command: z.optional(oneOrMore(readBy(parseWord, COMMAND_NEEDED), COMMAND_NEEDED)),
        webhook: z.optional(readBy(parseUrl, "needs a URL")),
        mail: z.optional(readBy(parseMail, "needs a mail address")),
        ntfy: z.optional(readBy(parseTopic, "needs the URL of a topic")),
      },
      NEEDED,
    ),
    z.transform(({ command, webhook, mail, ntfy }, context): NotifyText => {
      const found: NotifyText[] = [];
      if (command?.[0]?.startsWith("/") === true) found.push({ kind: "command", words: command });
      else if (command !== undefined) {
        context.issues.push({ code: "custom", message: COMMAND_NEEDED, input: command, path: ["command"] });
        return z.NEVER;
      }
      if (webhook !== undefined) found.push({ kind: "webhook", url: webhook });
      if (mail !== undefined) found.push({ kind: "mail", address: mail });
      if (ntfy !== undefined) found.push({ kind: "ntfy", url: ntfy });
      const [first, second] = found;
      if (first !== undefined && second === undefined) return first;
      context.issues.push({ code: "custom", message: NEEDED, input: found });
      return z.NEVER;
    }),
  );
  return z._default(z.array(entry, { error: `needs a list; each entry ${NEEDED}` }), []);
}

/** exec(2) takes no NUL in a word. */
function parseWord(text: string): string | Fault {
  return text === "" || text.includes("\0") ? { fault: COMMAND_NEEDED } : text;
}

function parseUrl(text: string): string | Fault {
  const isWeb = /^https?:\/\/[^\s\p{Cc}]+$/iu.test(text) && text.length <= URL_CHARACTERS_MAX && URL.canParse(text);
  return isWeb ? text : { fault: `${quote(text)} is no URL that begins with https:// or http://` };
}

/** ntfy's topics are the first part of the path: https://docs.ntfy.sh/publish/. */
function parseTopic(text: string): string | Fault {
  const url = parseUrl(text);
  if (typeof url !== "string") return url;
  return /^\/[\w-]{1,64}$/.test(new URL(url).pathname)
    ? url
    : { fault: `${quote(text)} names no topic; write it as in https://ntfy.sh/TOPIC` };
}

/** What sendmail can be given without harm: no option, no second address, no odd characters (RFC 5322 §3.2.3, dot-atom). */
function parseMail(text: string): string | Fault {
  const isAddress = /^[A-Za-z0-9_][\w.+'=%-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text);
  const isUser = /^[A-Za-z_][\w.-]{0,31}$/.test(text);
  return isAddress || isUser ? text : { fault: `${quote(text)} is no mail address` };
}
