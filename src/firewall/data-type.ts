// The types of what rules compare: how wide a value is, and in which form it is kept here.

/**
 * How values of a type are kept: `number` up to 48 bits, in host order; `wide` as a bigint; `text` for interface names.
 */
export type ValueForm = "number" | "wide" | "text";

/** A type, by nft(8)'s name where it has one. */
export interface DataType {
  readonly name: string;
  /** Bits of a value; 0 for text. */
  readonly bits: number;
  readonly form: ValueForm;
}

/** A value in its type's form. */
export type Scalar = number | bigint | string;

/** A type of numbers. */
export function numberType(name: string, bits: number): DataType {
  return { name, bits, form: bits > 48 ? "wide" : "number" };
}

/** ipv4_addr: the address as a number in host order. */
export const IPV4: DataType = numberType("ipv4_addr", 32);
/** ipv6_addr. */
export const IPV6: DataType = numberType("ipv6_addr", 128);
/** inet_service: a port. */
export const PORT: DataType = numberType("inet_service", 16);
/** inet_proto: a protocol of IP. */
export const PROTOCOL: DataType = numberType("inet_proto", 8);
/** mark. */
export const MARK: DataType = numberType("mark", 32);
/** ifname; a pattern that ends in * stands for all names that begin so. */
export const INTERFACE_NAME: DataType = { name: "ifname", bits: 0, form: "text" };
/** iface_index: an interface by its name; where the listing has its bare number, since it had no name, that number. */
export const INTERFACE_INDEX: DataType = { name: "iface_index", bits: 32, form: "text" };
/** boolean: 1 when it is there, 0 when it is not (exists, missing). */
export const BOOLEAN: DataType = numberType("boolean", 8);
