// What may stand in postern.yaml: a key of the file is a row of this schema, or of the section that it names. docs/policy.md.
import * as z from "zod/mini";
import { parseLogAddress } from "../linux/log-address.js";
import type { LogAddress } from "../linux/log-target.js";
import { UsageError } from "../model/errors.js";
import { type Fault, isFault } from "../target/fault.js";
import { type EndDate, parseEndDate } from "./end-date.js";
import { expectSection, type GroupText } from "./expect-section.js";
import { type FindingName, parseFindingName } from "./finding-name.js";
import { type HostText, parseHost } from "./host-text.js";
import { type HourSpan, parseHourSpan } from "./hours.js";
import { type NotifyText, notifySection } from "./notify-section.js";
import type { VantageEntry } from "./policy.js";
import { oneOrMore, readBy, section, words } from "./schema-words.js";
import { TimeZone } from "./time-zone.js";
import { vantagesSection } from "./vantages-section.js";

/** What a file says, without the places. */
export interface PolicyText {
  readonly scope: readonly HostText[];
  readonly exclude: readonly HostText[];
  readonly limits?: LimitsText | undefined;
  readonly consent: readonly ConsentText[];
  readonly vantages: Readonly<Record<string, VantageEntry["way"]>>;
  readonly expect: Readonly<Record<string, GroupText>>;
  readonly accepted: readonly ExceptionText[];
  readonly notify: readonly NotifyText[];
  readonly syslog?: boolean | LogAddress | undefined;
  readonly history?: boolean | undefined;
}

interface LimitsText {
  readonly rate?: number | undefined;
  readonly "host-rate"?: number | undefined;
  readonly hours?: readonly { readonly text: string; readonly span: HourSpan }[] | undefined;
}

interface ConsentText {
  readonly hosts: readonly HostText[];
  readonly who: string;
  readonly for?: string | undefined;
  readonly until: EndDate;
}

interface ExceptionText {
  readonly finding: FindingName;
  readonly reason: string;
  readonly until?: EndDate | undefined;
}

const NO_HOSTS: readonly HostText[] = [];

/** Hosts: one or a list. */
function hosts(): z.ZodMiniType<readonly HostText[]> {
  return oneOrMore<HostText>(
    readBy(parseHost, "needs an address, a network or a name"),
    "needs addresses, networks or names",
  );
}

/** Probes a second. */
function rate() {
  const needs = "needs a number of probes a second greater than 0";
  return z.optional(z.number({ error: needs }).check(z.positive(needs), z.lte(1e9, needs)));
}

/**
 * The schema of a whole file.
 *
 * @param zone The zone of its dates
 */
export function schemaIn(zone: TimeZone): z.ZodMiniType<PolicyText> {
  const until = readBy<EndDate>((text) => parseEndDate(text, zone), "needs a date such as 2027-03-31");
  return section(
    {
      timezone: z.optional(readBy(zoneNameOf, "needs the name of a time zone, such as Europe/Berlin")),
      scope: z._default(hosts(), NO_HOSTS),
      exclude: z._default(hosts(), NO_HOSTS),
      limits: z.optional(
        section(
          {
            rate: rate(),
            "host-rate": rate(),
            hours: z.optional(oneOrMore(readBy(hoursOf, HOURS_NEEDED), HOURS_NEEDED)),
          },
          "needs rate, host-rate or hours",
        ),
      ),
      consent: z._default(
        z.array(
          section(
            {
              hosts: hosts(),
              who: words("the name of who has agreed"),
              for: z.optional(words("what it is for")),
              until,
            },
            "needs hosts, who and until",
          ),
          { error: "needs a list; each entry with hosts, who and until" },
        ),
        [],
      ),
      vantages: vantagesSection(),
      expect: expectSection(hosts(), until),
      accepted: z._default(
        z.array(
          section(
            {
              finding: readBy(parseFindingName, "needs a finding such as open-not-intended@192.0.2.1/tcp/22"),
              reason: words("a reason"),
              until: z.optional(until),
            },
            "needs finding, reason and perhaps until",
          ),
          { error: "needs a list; each entry with finding and reason" },
        ),
        [],
      ),
      notify: notifySection(),
      syslog: z.optional(
        z.union([z.boolean(), readBy(logOf, "needs text")], {
          error: "needs true, false, udp://HOST, tcp://HOST or tls://HOST",
        }),
      ),
      history: z.optional(z.boolean({ error: "needs true or false" })),
    },
    "keys with values were expected",
  );
}

const HOURS_NEEDED = "needs hours such as Mon-Fri 22:00-06:00";

function hoursOf(text: string) {
  const span = parseHourSpan(text);
  return isFault(span) ? span : { text, span };
}

function zoneNameOf(text: string): string | Fault {
  const zone = TimeZone.of(text);
  return isFault(zone) ? zone : zone.name;
}

function logOf(text: string): LogAddress | Fault {
  try {
    return parseLogAddress("", text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { fault: error.message.trimStart() };
  }
}
