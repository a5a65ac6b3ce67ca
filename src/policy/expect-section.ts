// `expect`: hosts or groups of them, and all that is meant to be open there.
import * as z from "zod/mini";
import { parseAddress } from "../target/address.js";
import { type Fault, isFault, quote } from "../target/fault.js";
import { nearest } from "../target/nearest.js";
import type { PortSet } from "../target/port-set.js";
import type { EndDate } from "./end-date.js";
import { type HostText, parseHost } from "./host-text.js";
import { parsePortText } from "./port-text.js";
import { oneOrMore, readBy, section, words } from "./schema-words.js";
import { isVantageName } from "./vantages-section.js";

/** Whom ports are open for, as it is written: anybody, an address or a network, or a vantage point. */
export type SourceText = "any" | HostText | { readonly vantage: string };

/** One entry, without its places. */
export interface ExpectedText {
  readonly ports: readonly PortSet[];
  readonly from: readonly SourceText[];
  readonly until: EndDate | undefined;
  readonly why: string | undefined;
  readonly services: readonly string[];
  readonly processes: readonly string[];
}

/** One group. */
export interface GroupText {
  /** Undefined where the key itself is the host. */
  readonly hosts: readonly HostText[] | undefined;
  readonly open: readonly ExpectedText[];
}

const PORTS_NEEDED = "needs ports such as tcp/443";
const ENTRY_NEEDED = "needs ports such as tcp/443, or keys: ports, from, until, why, service, process";
const ANYBODY: readonly SourceText[] = ["any"];

/** The section, by the names of its groups. */
export function expectSection(
  hosts: z.ZodMiniType<readonly HostText[]>,
  until: z.ZodMiniType<EndDate>,
): z.ZodMiniType<Readonly<Record<string, GroupText>>> {
  const ports = readBy(parsePortText, PORTS_NEEDED);
  const alone = z.pipe(
    ports,
    z.transform(
      (one): ExpectedText => ({
        ports: [one],
        from: ANYBODY,
        until: undefined,
        why: undefined,
        services: [],
        processes: [],
      }),
    ),
  );
  const names = (what: string) => z.optional(oneOrMore(words(what), `needs ${what}, or a list of them`));
  const whole = z.pipe(
    section(
      {
        ports: oneOrMore(ports, PORTS_NEEDED),
        from: z.optional(oneOrMore(readBy(parseSource, SOURCE_NEEDED), SOURCE_NEEDED)),
        until: z.optional(until),
        why: z.optional(words("words")),
        service: names("the name of a service"),
        process: names("the name of a process"),
      },
      ENTRY_NEEDED,
    ),
    z.transform(
      (one): ExpectedText => ({
        ports: one.ports,
        from: one.from ?? ANYBODY,
        until: one.until,
        why: one.why,
        services: one.service ?? [],
        processes: one.process ?? [],
      }),
    ),
  );
  const open = z.array(z.union([alone, whole], { error: ENTRY_NEEDED }), { error: "needs a list of ports" });
  const short = z.pipe(
    open,
    z.transform((list): GroupText => ({ hosts: undefined, open: list })),
  );
  const group = z.pipe(
    section({ hosts: z.optional(hosts), open }, GROUP_NEEDED),
    z.transform((one): GroupText => ({ hosts: one.hosts, open: one.open })),
  );
  return z._default(
    z.record(z.string(), z.union([short, group], { error: GROUP_NEEDED }), {
      error: "needs hosts or names of groups, each with what is open there",
    }),
    {},
  );
}

const GROUP_NEEDED = "needs a list of ports, or keys: hosts and open";
const SOURCE_NEEDED = "needs any, an address, a network or the name of a vantage point";

function parseSource(text: string): SourceText | Fault {
  if (text.toLowerCase() === "any") return "any";
  if (parseAddress(text) === undefined && isVantageName(text)) return { vantage: text };
  const host = parseHost(text);
  if (isFault(host)) return host;
  return "name" in host ? { fault: `${quote(text)} is neither a network nor the name of a vantage point` } : host;
}

/** What to say of a vantage point that is not defined. */
export function unknownVantage(name: string, known: Iterable<string>): string {
  const names = [...known];
  const meant = nearest(name, [...names, "any"]);
  const list = names.length === 0 ? "vantages has none" : `there are ${names.join(", ")}`;
  return `no vantage point is named ${quote(name)}; ${meant === undefined ? list : `did you mean ${meant}?`}`;
}
