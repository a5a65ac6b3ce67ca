// Which ports were asked for, and which of them are answered: what comes back from another host says only numbers of this
// book, so it can neither name a port that was not asked nor answer one twice.
import { type Address, formatAddress, unmapped } from "../target/address.js";
import { Scope, type ScopeData } from "../target/scope.js";
import type { AskedPort, VantageEvent } from "./vantage.js";

type GapEvent = VantageEvent & { readonly kind: "gap" };

/** Ports that a gap names one by one. */
const NAMED_PORTS_MAX = 8;

/** One asking. */
export class AskedBook {
  /** What may be asked from elsewhere, each once. */
  readonly asked: readonly AskedPort[];
  /** Why the others may not. */
  readonly refused: readonly GapEvent[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #isOpen: boolean[];
  #strayCount = 0;

  constructor(ports: readonly AskedPort[], scope: ScopeData) {
    const allowed = Scope.of(scope);
    const numbers = new Map<string, number>();
    const asked: AskedPort[] = [];
    const refused = new Map<string, AskedPort[]>();
    for (const one of ports) {
      const key = keyOf(formatAddress(one.address), one.protocol, one.port);
      const why = refusalOf(one, allowed);
      if (why !== undefined) refused.set(why, [...(refused.get(why) ?? []), one]);
      else if (!numbers.has(key)) {
        numbers.set(key, asked.length);
        asked.push(one);
      }
    }
    this.asked = asked;
    this.refused = [...refused].flatMap(([why, some]) => gapsOf(some, why));
    this.#numbers = numbers;
    this.#isOpen = asked.map(() => true);
  }

  /** The number of a port; undefined for one that was not asked. */
  numberOf(address: string, protocol: string, port: number): number | undefined {
    return this.#numbers.get(keyOf(address, protocol, port));
  }

  /** The port that an answer is about; undefined, and noted, if it was not asked or is answered already. */
  take(number: number | undefined): AskedPort | undefined {
    if (number === undefined || this.#isOpen[number] !== true) {
      this.#strayCount++;
      return undefined;
    }
    this.#isOpen[number] = false;
    return this.asked[number];
  }

  /** Numbers of those that have no answer yet. */
  open(): readonly number[] {
    return this.asked.flatMap((_, number) => (this.#isOpen[number] === true ? [number] : []));
  }

  /** One gap for each address that has ports without an answer among these. Then they count as answered. */
  giveUp(numbers: readonly number[], why: string): readonly GapEvent[] {
    const left = numbers.filter((number) => this.#isOpen[number] === true);
    for (const number of left) this.#isOpen[number] = false;
    return gapsOf(
      left.flatMap((number) => this.asked[number] ?? []),
      why,
    );
  }

  /** What to say of answers that nobody asked for. */
  strays(): readonly GapEvent[] {
    if (this.#strayCount === 0) return [];
    const what = this.#strayCount === 1 ? "1 answer" : `${this.#strayCount} answers`;
    return [
      { kind: "gap", what, why: "it is about ports that were not asked, or that were answered before; passed over" },
    ];
  }
}

function keyOf(address: string, protocol: string, port: number): string {
  return `${protocol} ${port} ${address}`;
}

function refusalOf({ address, port }: AskedPort, scope: Scope): string | undefined {
  if (!scope.allows(address)) return "it is outside the scope";
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return "there is no such port";
  return onlyHere(address);
}

/** Why an address means another host, or none, at another place: a clause; undefined for one that means the same everywhere. */
export function onlyHere(address: Address): string | undefined {
  const plain = unmapped(address);
  if (plain.family === 6 && plain.zone !== undefined) return "its zone names an interface of this machine";
  if (isOwnEverywhere(plain)) return "every host has this address for itself";
  if (isLinkLocal(plain)) return "a link-local address means another host on each link";
  return undefined;
}

/** 127.0.0.0/8, ::1, and the addresses that stand for none (RFC 1122 §3.2.1.3; RFC 4291 §2.5). */
function isOwnEverywhere(address: Address): boolean {
  if (address.family === 4) return address.value >>> 24 === 127 || address.value >>> 24 === 0;
  return address.bytes.subarray(0, 15).every((byte) => byte === 0) && (address.bytes[15] ?? 0) <= 1;
}

function isLinkLocal(address: Address): boolean {
  return address.family === 6 && address.bytes[0] === 0xfe && ((address.bytes[1] ?? 0) & 0xc0) === 0x80;
}

function gapsOf(ports: readonly AskedPort[], why: string): readonly GapEvent[] {
  const byAddress = new Map<string, string[]>();
  for (const { address, protocol, port } of ports) {
    const text = formatAddress(address);
    const words = byAddress.get(text) ?? [];
    words.push(`${protocol} ${port}`);
    byAddress.set(text, words);
  }
  return [...byAddress].map(([address, words]) => {
    const more = words.length - NAMED_PORTS_MAX;
    const named = words.slice(0, NAMED_PORTS_MAX).join(", ");
    return { kind: "gap", what: `${named}${more > 0 ? ` and ${more} more` : ""} of ${address}`, why };
  });
}
