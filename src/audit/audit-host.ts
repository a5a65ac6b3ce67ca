// The audit of one host: what is seen inside, what its rules do and what answers, row by row, and the verdicts.
import { isLoopback } from "../inside/reach.js";
import type { AuditedHost, AuditRow, AuditVantage, RowView, Severity } from "../model/audit-report.js";
import { type Address, formatAddress, unmapped } from "../target/address.js";
import { Scope } from "../target/scope.js";
import type { AskedPort, PortAnswer, Vantage } from "../vantage/vantage.js";
import { everythingMark } from "./answers-all.js";
import { Answers } from "./asking.js";
import type { AuditOptions, AuditSubject, Blindness } from "./audit-subject.js";
import { isAwaited, isSilent } from "./case-words.js";
import { FindingBook, graver } from "./finding-book.js";
import { findCouldNotLook } from "./host-findings/could-not-look.js";
import { findOldSessions } from "./host-findings/old-sessions.js";
import { findOtherBackEnd } from "./host-findings/other-back-end.js";
import { InsidePlaces } from "./inside-places.js";
import { planRows } from "./plan-rows.js";
import type { PortCase, PortRow, RulesView, TwinFact } from "./port-case.js";
import { type Arrival, arrivalFrom, NamedPorts, RulesOfHost } from "./rules-view.js";
import { PROGRAM_VERDICTS, REACH_VERDICTS } from "./verdicts.js";

/** Audits a host. What cannot be looked at is told among the findings. */
export async function auditHost(subject: AuditSubject, options: AuditOptions): Promise<AuditedHost> {
  const audit = new HostAudit(subject, options);
  await audit.ask();
  return audit.report();
}

class HostAudit {
  readonly #subject: AuditSubject;
  readonly #options: AuditOptions;
  readonly #places: InsidePlaces | undefined;
  readonly #rules: RulesOfHost | undefined;
  readonly #addresses: readonly Address[];
  readonly #scope: Scope;
  /** Of all its interfaces, not of those alone that are audited. */
  readonly #ownTexts: ReadonlySet<string>;
  readonly #rows: readonly PortRow[];
  readonly #named = new Map<Vantage, NamedPorts>();
  readonly #answers = new Map<Vantage, Answers>();
  readonly #blindnesses: Blindness[];
  /** What the rules make of a row from a vantage point, walked once. */
  readonly #views = new Map<Vantage, Map<PortRow, RulesView | undefined>>();

  constructor(subject: AuditSubject, options: AuditOptions) {
    const { inside, userNames, ruleset, environment, addresses, blindnesses } = subject;
    this.#subject = subject;
    this.#options = options;
    // Where no socket is missing, but who has it, the port itself says so: owner-unknown.
    const gaps = (inside?.gaps ?? []).filter(({ table }) => table !== undefined);
    this.#blindnesses = [...blindnesses, ...gaps.map(({ what, why }) => ({ what, why }))];
    this.#places = inside === undefined ? undefined : new InsidePlaces(inside, userNames);
    this.#rules =
      ruleset === undefined || environment === undefined ? undefined : new RulesOfHost(ruleset, environment);
    this.#scope = Scope.fromData(options.scope);
    // What may never be probed is nothing to be blind about: somebody has said so.
    this.#addresses = (addresses ?? this.#places?.addresses ?? []).filter((address) => this.#scope.allows(address));
    const ofInterfaces = environment?.interfaces.flatMap(({ addresses: own }) => own.map(({ address }) => address));
    this.#ownTexts = new Set([...this.#addresses, ...(ofInterfaces ?? [])].map(formatAddress));
    this.#rows = this.#planRows().map((port) => this.#rowOf(port));
  }

  /** Asks all ports, from all vantage points at once. */
  async ask(): Promise<void> {
    await Promise.all(this.#subject.vantages.map((vantage) => this.#askFrom(vantage)));
  }

  report(): AuditedHost {
    const { name, system, vantages, inside, environment, ruleset } = this.#subject;
    const book = new FindingBook(name, this.#options.intentions);
    const rows = this.#rows.map((row) => this.#judge(row, book));
    if (ruleset !== undefined) findOtherBackEnd(book, name, ruleset);
    if (inside !== undefined && this.#rules !== undefined && environment !== undefined) {
      findOldSessions(book, inside, this.#rules, environment);
    }
    const answers = [...this.#answers.values()];
    findCouldNotLook(book, name, [...this.#blindnesses, ...answers.flatMap(({ blindnesses }) => blindnesses)]);
    return {
      name,
      system,
      vantages: vantages.map(vantageFacts),
      rows,
      findings: book.findings(),
      probeCount: answers.reduce((sum, { probeCount }) => sum + probeCount, 0),
    };
  }

  #planRows(): readonly AskedPort[] {
    const { intentions, likelyPorts } = this.#options;
    const named: AskedPort[] = [];
    for (const vantage of this.#subject.vantages) {
      const own = this.#addresses.flatMap((address) => this.#namedPorts(vantage, address));
      this.#named.set(vantage, new NamedPorts(own));
      named.push(...own);
    }
    for (const address of this.#addresses) named.push(...intentions.portsOf(address));
    return planRows(this.#addresses, [...(this.#places?.ports() ?? []), ...likelyPorts], named);
  }

  #namedPorts(vantage: Vantage, address: Address): readonly AskedPort[] {
    const arrival = this.#arrival(vantage, address);
    return arrival === undefined ? [] : (this.#rules?.namedPorts(address, arrival) ?? []);
  }

  /** How the packets of a vantage point come in; undefined where nobody knows from where they come. */
  #arrival({ sources, arrivesBy }: Vantage, { family }: Address): Arrival | undefined {
    const { environment } = this.#subject;
    const source = sources.map(unmapped).find((one) => one.family === family && !isLoopback(one));
    if (source === undefined || environment === undefined) return undefined;
    return arrivesBy === undefined ? arrivalFrom(source, environment) : { source, inputInterface: arrivesBy };
  }

  #rowOf(port: AskedPort): PortRow {
    const { intentions, serviceName } = this.#options;
    const { isExpected, processes } = intentions.expected(port);
    return {
      port,
      service: serviceName(port.port, port.protocol),
      waiting: this.#places?.waitingAt(port),
      onLoopback: this.#places?.onLoopback(port) ?? [],
      isAwaitedElsewhere: this.#places?.isAwaited(port) === true,
      isExpected,
      expectedProcesses: processes,
    };
  }

  async #askFrom(vantage: Vantage): Promise<void> {
    const answers = new Answers();
    this.#answers.set(vantage, answers);
    const led = new Set(this.#rows.filter((row) => this.#isLedOutside(row, vantage)));
    for (const { port } of led) answers.blindnesses.push(ledBlindness(port));
    const asked = this.#rows.filter((row) => !led.has(row));
    await answers.ask(
      vantage,
      asked.map(({ port }) => port),
      this.#options,
    );
    this.#markAddresses(answers);
    const doubtful = this.#rows.filter((row) => isDoubtful(this.#caseOf(row, vantage)));
    await answers.askAgain(
      vantage,
      doubtful.map(({ port }) => port),
      this.#options,
    );
  }

  /** What translation leads to another host asks that one: it must be allowed, too. */
  #isLedOutside(row: PortRow, vantage: Vantage): boolean {
    const view = this.#viewOf(row, vantage);
    return view?.isForwarded === true && view.isTranslated && !this.#scope.allows(view.destination);
  }

  #markAddresses(answers: Answers): void {
    for (const address of this.#addresses) {
      const rows = this.#rows.filter(({ port }) => port.address === address);
      const mark = everythingMark(
        rows.map(({ port, waiting }) => ({
          port,
          answer: answers.of(port),
          isAwaited: waiting === undefined ? undefined : waiting.length > 0,
        })),
      );
      if (mark !== undefined) answers.mark(address, mark);
    }
  }

  #judge(row: PortRow, book: FindingBook): AuditRow {
    let worst: { readonly verdict: string; readonly severity: Severity } = { verdict: "shut", severity: "ok" };
    const views = this.#subject.vantages.map((vantage): RowView => {
      const one = this.#caseOf(row, vantage);
      const { verdict, severity } = judgeReach(one, book);
      if (graver(worst.severity, severity) !== worst.severity || worst.verdict === "shut")
        worst = { verdict, severity };
      judgeProgram(one, book);
      return { ...viewOf(one), verdict };
    });
    const { address, protocol, port } = row.port;
    return {
      address: formatAddress(address),
      protocol,
      port,
      service: row.service,
      inside: row.waiting,
      views,
      ...worst,
    };
  }

  #caseOf(row: PortRow, vantage: Vantage): PortCase {
    const { port } = row;
    const answers = this.#answers.get(vantage);
    return {
      row,
      vantage: vantage.name,
      rules: this.#viewOf(row, vantage),
      answer: answers?.of(port),
      isAnsweredByOther: this.#isByOther(answers?.of(port)),
      isAskedAgain: answers?.isAskedAgain(port) === true,
      mark: answers?.markOf(port),
      isBoundElsewhere: this.#isBoundElsewhere(port, vantage),
      intended: this.#options.intentions.of(port, vantage),
      byIpv4: this.#byIpv4(port, answers),
    };
  }

  /** A host with several addresses sends errors from whichever its route back prefers (icmp_send(), inet_select_addr()). */
  #isByOther(answer: PortAnswer | undefined): boolean {
    if (answer?.responder === undefined) return answer?.reason === "reset-by-other";
    return !this.#ownTexts.has(formatAddress(unmapped(answer.responder)));
  }

  #isBoundElsewhere(port: AskedPort, vantage: Vantage): boolean {
    const arrival = this.#arrival(vantage, port.address);
    return arrival !== undefined && this.#places?.isBoundElsewhere(port, arrival.inputInterface) === true;
  }

  #byIpv4(port: AskedPort, answers: Answers | undefined): readonly TwinFact[] {
    if (answers === undefined || port.address.family === 4) return [];
    return this.#addresses.flatMap((address): readonly TwinFact[] => {
      const twin = { ...port, address };
      const answer = address.family === 4 && answers.markOf(twin) === undefined ? answers.of(twin) : undefined;
      if (answer === undefined) return [];
      const waiting = this.#places?.waitingAt(twin);
      return [{ state: answer.state, isAwaited: waiting === undefined ? undefined : waiting.length > 0 }];
    });
  }

  #viewOf(row: PortRow, vantage: Vantage): RulesView | undefined {
    const views = this.#views.get(vantage) ?? new Map<PortRow, RulesView | undefined>();
    this.#views.set(vantage, views);
    if (views.has(row)) return views.get(row);
    const arrival = this.#arrival(vantage, row.port.address);
    const named = this.#named.get(vantage);
    const view = arrival === undefined || named === undefined ? undefined : this.#rules?.view(row.port, arrival, named);
    views.set(row, view);
    return view;
  }
}

/** Silence that nothing explains: it listens, or is meant to be open, and no rule stops it. */
function isDoubtful(one: PortCase): boolean {
  if (one.row.port.protocol !== "tcp" || !isSilent(one)) return false;
  const isStopped =
    one.rules !== undefined && one.rules.fact.verdict !== "accept" && one.rules.fact.verdict !== "unknown";
  return !isStopped && (isAwaited(one) || one.intended.state === "open");
}

function judgeReach(one: PortCase, book: FindingBook): { readonly verdict: string; readonly severity: Severity } {
  for (const { key, judge } of REACH_VERDICTS) {
    const judgement = judge(one);
    if (judgement === undefined) continue;
    // What an address does on all ports is one finding.
    const place = key === "answers-everything" ? one.row.port.address : one.row.port;
    if (judgement.severity !== "ok") book.add(key, place, judgement, one.vantage);
    return { verdict: key, severity: judgement.severity };
  }
  return { verdict: "shut", severity: "ok" };
}

function judgeProgram(one: PortCase, book: FindingBook): void {
  for (const { key, judge } of PROGRAM_VERDICTS) {
    const judgement = judge(one);
    if (judgement !== undefined) book.add(key, one.row.port, judgement, undefined);
  }
}

function viewOf({ vantage, rules, answer, intended }: PortCase): Omit<RowView, "verdict"> {
  return {
    vantage,
    firewall: rules?.fact,
    outside:
      answer === undefined
        ? undefined
        : {
            state: answer.state,
            reason: answer.reason,
            responder: answer.responder === undefined ? undefined : formatAddress(answer.responder),
            rttMs: answer.rttMs,
            tries: answer.tries,
          },
    intended,
  };
}

function ledBlindness({ address, protocol, port }: AskedPort): Blindness {
  const what = `${port}/${protocol} of ${formatAddress(address)}`;
  return { what, why: "address translation leads it to a host that is outside of the scope" };
}

function vantageFacts({ name, means, sources, limits }: Vantage): AuditVantage {
  return { name, means, sources: sources.map(formatAddress), limits };
}
