// Sets of addresses and ports as texts: networks where an interval is one, ranges elsewhere.
import type { Interval, IntervalSet } from "../../firewall/reach/interval-set.js";
import { plainAddress } from "../../firewall/walk/walk-address.js";
import { formatAddress } from "../../target/address.js";

/** An interval of sources as a network ("10.0.0.0/8") or a range; undefined where they are all addresses. */
export function sourceText([low, high]: Interval, family: 4 | 6): string | undefined {
  if (low === high) return formatAddress(plainAddress(low));
  const width = family === 4 ? 32 : 128;
  const [first, last] = [BigInt(low), BigInt(high)];
  const count = last - first + 1n;
  if (first === 0n && count === 1n << BigInt(width)) return undefined;
  const bits = count.toString(2).length - 1;
  const isNetwork = count === 1n << BigInt(bits) && first % count === 0n;
  const text = formatAddress(plainAddress(low));
  if (!isNetwork) return `${text}-${formatAddress(plainAddress(high))}`;
  return `${text}/${width - bits}`;
}

/** Each interval of ports as a number or a range; undefined alone where they are all ports. */
export function portTexts(ports: IntervalSet): readonly (string | undefined)[] {
  return ports.intervals().map(([low, high]) => {
    if (low === 0 && high === 65_535) return undefined;
    return low === high ? String(low) : `${low}-${high}`;
  });
}
