// `vantages`: the places that ports are asked from, each with a name of its own.
import * as z from "zod/mini";
import { type Address, parseAddress } from "../target/address.js";
import { type Fault, isFault, quote } from "../target/fault.js";
import { PORT_MAX } from "../target/port-set.js";
import { parseHost } from "./host-text.js";
import type { VantageEntry } from "./policy.js";
import { readBy, section } from "./schema-words.js";

const NAME = /^[A-Za-z][\w-]{0,31}$/;
const NEEDED = "needs self with an address, or ssh with [user@]host";
const PORT_NEEDED = `needs a whole number from 1 to ${PORT_MAX}`;
const FILE_CHARACTERS_MAX = 4096;

/** What a vantage point may be called: one word, so that it can stand in lists and on command lines. */
export function isVantageName(text: string): boolean {
  return NAME.test(text) && text.toLowerCase() !== "any";
}

/** The section, by name. */
export function vantagesSection(): z.ZodMiniType<Readonly<Record<string, VantageEntry["way"]>>> {
  const entry = z.pipe(
    section(
      {
        self: z.optional(readBy(parseSourceAddress, "needs an address")),
        ssh: z.optional(readBy(parseSshHost, "needs [user@]host")),
        port: z.optional(z.int({ error: PORT_NEEDED }).check(z.gte(1, PORT_NEEDED), z.lte(PORT_MAX, PORT_NEEDED))),
        identity: z.optional(readBy(parseIdentity, "needs the name of a file")),
      },
      NEEDED,
    ),
    z.transform((given, context): VantageEntry["way"] => {
      const { self, ssh, port, identity } = given;
      if (self !== undefined && ssh === undefined && port === undefined && identity === undefined) {
        return { kind: "self", source: self };
      }
      if (ssh !== undefined && self === undefined) return { kind: "ssh", ...ssh, port, identityFile: identity };
      const message = self === undefined || ssh !== undefined ? NEEDED : "port and identity belong to ssh, not to self";
      context.issues.push({ code: "custom", message, input: given });
      return z.NEVER;
    }),
  );
  return z._default(
    z.record(z.string(), entry, {
      error: "needs names of vantage points, each with self or ssh",
    }),
    {},
  );
}

/** RFC 4291 §2.7, RFC 1112 §4: nobody sends from a group. */
function parseSourceAddress(text: string): Address | Fault {
  const address = parseAddress(text);
  if (address === undefined) return { fault: `${quote(text)} is no address` };
  const isGroup = address.family === 4 ? address.value >>> 28 >= 0xe : address.bytes[0] === 0xff;
  return isGroup ? { fault: `${quote(text)} is no address that a host can have` } : address;
}

/** ssh(1) takes what begins with a hyphen as an option, whoever wrote it. */
function parseSshHost(text: string): { readonly user: string | undefined; readonly host: string } | Fault {
  const at = text.lastIndexOf("@");
  const user = at < 0 ? undefined : text.slice(0, at);
  const hostText = text.slice(at + 1);
  if (user !== undefined && !/^[A-Za-z_][\w.-]{0,63}$/.test(user))
    return { fault: `${quote(user)} is no name of a user` };
  const address = parseAddress(hostText);
  if (address !== undefined) return { user, host: hostText.replace(/[[\]]/g, "") };
  const host = parseHost(hostText);
  if (isFault(host)) return host;
  return "name" in host ? { user, host: hostText } : { fault: `${quote(hostText)} is not one host` };
}

function parseIdentity(text: string): string | Fault {
  if (/^(?:\/|~\/)./.test(text) && !text.includes("\0") && text.length <= FILE_CHARACTERS_MAX) return text;
  return { fault: `${quote(text)} is no file's whole name; write it from / or ~/ on` };
}
