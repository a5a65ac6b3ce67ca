// What inside, firewall, outside and intention say of a port, as words for tables.
import type { AuditRow, InsideFact, RowView } from "../../model/audit-report.js";
import { ownerName } from "../owner-text.js";

/** "22/tcp". */
export function portCell({ port, protocol }: AuditRow): string {
  return `${port}/${protocol}`;
}

/** "sshd[812]", "nginx[33] +1", "postgres[77] on 127.0.0.1:5432", "nothing", "not seen". As it came. */
export function insideCell({ inside }: AuditRow): string {
  if (inside === undefined) return "not seen";
  const [first, ...others] = inside;
  if (first === undefined) return "nothing";
  const { isLoopback, bound } = first;
  const name = socketText(first, others.length);
  const deleted = inside.some(({ isDeleted }) => isDeleted) ? " (deleted)" : "";
  return `${name}${deleted}${isLoopback ? ` on ${bound}` : ""}`;
}

function socketText({ process, pid }: InsideFact, otherCount: number): string {
  const owner = { ...(process === undefined ? {} : { process }), ...(pid === undefined ? {} : { pid }), otherCount };
  return ownerName(owner) ?? (otherCount === 0 ? "owner unknown" : `owner unknown +${otherCount}`);
}

/** Where its programs run: containers, units. As it came. */
export function unitCell({ inside = [] }: AuditRow): string {
  return uniqueTexts(inside, ({ container, unit }) => container ?? unit);
}

/** Who runs its programs. As it came. */
export function userCell({ inside = [] }: AuditRow): string {
  return uniqueTexts(inside, ({ user }) => user);
}

function uniqueTexts(inside: readonly InsideFact[], text: (one: InsideFact) => string | undefined): string {
  return [...new Set(inside.flatMap((one) => text(one) ?? []))].join(", ");
}

/** "accept", "accept -> 172.17.0.2:80", "reject", "not known". As it came. */
export function firewallCell({ firewall }: RowView): string {
  if (firewall === undefined) return "not known";
  const { verdict, deliveredTo } = firewall;
  return deliveredTo === undefined ? verdict : `${verdict} -> ${deliveredTo}`;
}

/** The rule that decides, and where it stands. As it came. */
export function ruleCell({ firewall }: RowView): string {
  if (firewall === undefined) return "";
  const { rule, place, verdict, detail } = firewall;
  const why = rule ?? (verdict === "unknown" ? detail : undefined) ?? "";
  return place === undefined ? why : `${why} (${place})`.trimStart();
}

/** "open", "filtered", "closed by 192.0.2.1", "not asked". As it came. */
export function outsideCell({ outside }: RowView): string {
  if (outside === undefined) return "not asked";
  return outside.responder === undefined ? outside.state : `${outside.state} by ${outside.responder}`;
}

/** "open", "closed"; nothing where nothing is written down. */
export function intendedCell({ intended }: RowView): string {
  return intended.state === "unsaid" ? "" : intended.state;
}

/** True where the answer says the opposite of what is intended. */
export function isContrary({ outside, intended }: RowView): boolean {
  if (outside === undefined || intended.state === "unsaid") return false;
  if (intended.state === "closed") return outside.state === "open";
  return outside.state !== "open" && outside.state !== "open|filtered";
}

/**
 * True for a port of which nothing is to be told: nothing waits there, no vantage has it open, and it is as it should be. Most
 * ports of a host that are asked are such.
 */
export function isQuiet({ severity, inside, views }: AuditRow): boolean {
  if (severity !== "ok" || (inside !== undefined && inside.length > 0)) return false;
  return views.every(
    ({ outside, intended }) =>
      intended.state !== "open" &&
      outside !== undefined &&
      outside.state !== "open" &&
      outside.state !== "open|filtered",
  );
}
