// Whether two blocks have an address in common, without writing either of them out.
import { type AddressBlock, type Ipv6PrefixBlock, unmappedBlock } from "./address-block.js";
import type { OctetForm } from "./octet-form.js";

/** True when both blocks have an address. IPv4-mapped blocks count as IPv4; a block without a zone is in every zone. */
export function blocksOverlap(one: AddressBlock, other: AddressBlock): boolean {
  const first = unmappedBlock(one);
  const second = unmappedBlock(other);
  if (first.kind === "ipv6-prefix") return second.kind === "ipv6-prefix" && prefixesOverlap(first, second);
  if (second.kind === "ipv6-prefix") return false;
  if (first.kind === "ipv4-octets") {
    if (second.kind === "ipv4-octets") return formsOverlap(first.octets, second.octets);
    return formMeets(first.octets, 0, 0, second.base, second.base + second.count - 1);
  }
  const last = first.base + first.count - 1;
  if (second.kind === "ipv4-octets") return formMeets(second.octets, 0, 0, first.base, last);
  return first.base < second.base + second.count && second.base <= last;
}

/** Of two prefixes that meet, the longer one lies within the other. */
function prefixesOverlap(one: Ipv6PrefixBlock, other: Ipv6PrefixBlock): boolean {
  if (one.zone !== undefined && other.zone !== undefined && one.zone !== other.zone) return false;
  const prefix = Math.min(one.prefix, other.prefix);
  for (let at = 0; at * 8 < prefix; at++) {
    const mask = (0xff00 >> Math.min(8, prefix - at * 8)) & 0xff;
    if ((((one.bytes[at] ?? 0) ^ (other.bytes[at] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}

function formsOverlap(one: OctetForm, other: OctetForm): boolean {
  return one.every((ranges, at) =>
    ranges.some(([first, last]) =>
      (other[at] ?? []).some(([otherFirst, otherLast]) => first <= otherLast && otherFirst <= last),
    ),
  );
}

/** An octet whose addresses all lie within the range settles it; only the two at the range's ends need a look farther down. */
function formMeets(form: OctetForm, level: number, base: number, first: number, last: number): boolean {
  const ranges = form[level];
  if (ranges === undefined) return true;
  const unit = 256 ** (3 - level);
  const lowest = Math.max(0, Math.floor((first - base) / unit));
  const highest = Math.min(255, Math.floor((last - base) / unit));
  const isIn = (octet: number): boolean => ranges.some(([from, to]) => octet >= from && octet <= to);
  if (ranges.some(([from, to]) => Math.max(from, lowest + 1) <= Math.min(to, highest - 1))) return true;
  return [lowest, highest].some(
    (octet) =>
      octet >= 0 && octet <= 255 && isIn(octet) && formMeets(form, level + 1, base + octet * unit, first, last),
  );
}
