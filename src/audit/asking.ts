// Asks a host's ports from one vantage point, each once; what is silent against all that is known, once more and slowly.

import { REASONS, type Reason } from "../model/reason.js";
import { type Address, formatAddress } from "../target/address.js";
import type { AskedPort, PortAnswer, Vantage } from "../vantage/vantage.js";
import type { AuditOptions, Blindness } from "./audit-subject.js";
import { portKey } from "./port-key.js";

/** Slower than any ration of a usual host. */
const SLOW_RATE = 20;
const SLOW_RETRIES = 2;

/** Of the scan's marks this one alone says that answers are worth nothing; that errors are rationed is so on every Linux. */
const EVERYTHING_CODE = "answers-everything";
const EVERYTHING_MARK = "answers on nearly every port";

/** What is no answer of the host's: the asking machine did not let the question out. */
const NOT_SENT: ReadonlySet<Reason> = new Set<Reason>(["local-firewall", "perm-denied", "no-route"]);

/** What came of the asking. */
export class Answers {
  readonly #byPort = new Map<string, PortAnswer>();
  readonly #marks = new Map<string, string>();
  readonly #again = new Set<string>();
  readonly blindnesses: Blindness[] = [];
  probeCount = 0;

  of(port: AskedPort): PortAnswer | undefined {
    return this.#byPort.get(portKey(port));
  }

  markOf({ address }: AskedPort): string | undefined {
    return this.#marks.get(formatAddress(address));
  }

  /** Marks an address by what all answers together say. */
  mark(address: Address, mark: string): void {
    this.#marks.set(formatAddress(address), mark);
  }

  isAskedAgain(port: AskedPort): boolean {
    return this.#again.has(portKey(port));
  }

  /** Asks each port once. */
  async ask(vantage: Vantage, ports: readonly AskedPort[], options: AuditOptions): Promise<void> {
    await this.#take(vantage, ports, options, options.maxRate, 0);
  }

  /** Asks some of them again, slowly. */
  async askAgain(vantage: Vantage, ports: readonly AskedPort[], options: AuditOptions): Promise<void> {
    const rate = Math.min(SLOW_RATE, options.maxRate ?? SLOW_RATE);
    await this.#take(vantage, ports, options, rate, SLOW_RETRIES);
    for (const port of ports) this.#again.add(portKey(port));
  }

  async #take(
    vantage: Vantage,
    ports: readonly AskedPort[],
    { scope, signal }: AuditOptions,
    maxRate: number | undefined,
    maxRetries: number,
  ): Promise<void> {
    if (ports.length === 0) return;
    for await (const event of vantage.ask(ports, { scope, maxRate, maxRetries, signal })) {
      if (event.kind === "answer") this.#note(event.answer, vantage);
      else if (event.kind === "mark") {
        if (event.mark === EVERYTHING_CODE) this.#marks.set(formatAddress(event.address), EVERYTHING_MARK);
      } else this.blindnesses.push({ what: event.what, why: `${vantage.name}: ${event.why}` });
    }
  }

  #note(answer: PortAnswer, { name }: Vantage): void {
    const { asked, reason, tries } = answer;
    this.probeCount += tries;
    if (!NOT_SENT.has(reason)) this.#byPort.set(portKey(asked), answer);
    else
      this.blindnesses.push({ what: `ports of ${formatAddress(asked.address)}`, why: `${name}: ${REASONS[reason]}` });
  }
}
