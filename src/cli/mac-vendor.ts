// Who made a network interface, by the first digits of its MAC address: IEEE's registries MA-L, MA-M and MA-S, which give
// out 6, 7 and 9 digits (standards.ieee.org, "Registration Authority"), as the package oui-data has them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { InternalError } from "../model/errors.js";

/** The longest prefix counts: IEEE gives out its own blocks again in smaller ones. */
const PREFIX_DIGITS = [9, 7, 6] as const;

/** Holds the blocks that are given out in parts; a part that is not listed has no owner. */
const IEEE = "IEEE Registration Authority";

/** One line of the file: `"B827EB": "Raspberry Pi Foundation\nMitchell Wood House…",`. */
const LINE = /^ *"([0-9A-F]{6,9})": ("(?:[^"\\]|\\.)*")/;

const LINE_FEED = 0x0a;

/**
 * Makes a function that names the maker for `b8:27:eb:00:00:01`; it gives `undefined` for prefixes that nobody owns. The
 * registry is read when the first address is asked for, and not parsed: its 6 MB of JSON would take 100 ms.
 *
 * @param file The registry, sorted by length and then by digits, one prefix a line; the package's own by default.
 * @throws InternalError when the registry cannot be read
 */
export function createMacVendors(file?: string): (mac: string) => string | undefined {
  let registry: Buffer | undefined;
  return (mac) => {
    registry ??= readRegistry(file);
    const digits = mac.replaceAll(":", "").toUpperCase();
    for (const count of PREFIX_DIGITS) {
      const vendor = vendorAt(registry, digits.slice(0, count));
      if (vendor !== undefined) return vendor === IEEE ? undefined : vendor;
    }
    return undefined;
  };
}

function readRegistry(file: string | undefined): Buffer {
  const require = createRequire(import.meta.url);
  try {
    return readFileSync(file ?? require.resolve("oui-data"));
  } catch (error) {
    throw new InternalError("the registry of MAC addresses (oui-data) that belongs to postern cannot be read", {
      hint: "install postern again",
      cause: error,
    });
  }
}

/** Looks for a prefix by halves. */
function vendorAt(registry: Buffer, prefix: string): string | undefined {
  let low = 0;
  let high = registry.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const begin = Math.max(low, registry.lastIndexOf(LINE_FEED, middle - 1) + 1);
    const lineFeed = registry.indexOf(LINE_FEED, middle);
    const end = lineFeed < 0 ? registry.length : lineFeed;
    const [, found, text] = LINE.exec(registry.toString("utf8", begin, end)) ?? [];
    if (found === prefix) return firstLine(text ?? '""');
    // The braces are lines, too: the first stands before all prefixes, the last behind.
    const isBefore = found === undefined ? begin === 0 : isLess(found, prefix);
    if (isBefore) low = end + 1;
    else high = begin;
  }
  return undefined;
}

function isLess(one: string, other: string): boolean {
  return one.length === other.length ? one < other : one.length < other.length;
}

/** The address of the maker stands below its name. */
function firstLine(json: string): string | undefined {
  const text: unknown = JSON.parse(json);
  const name = typeof text === "string" ? text.split("\n")[0]?.trim() : undefined;
  return name === "" ? undefined : name;
}
