// Names to addresses, by the system's own resolver (getaddrinfo(3)): hosts file, DNS, whatever is set up here.
import { type Address, parseAddress } from "../target/address.js";

/** The addresses of a name in the order of the resolver, or why there are none. */
export type Resolution = { readonly addresses: readonly Address[] } | { readonly why: string };

const WHY: Readonly<Record<string, string>> = {
  ENOTFOUND: "no such name",
  EAI_AGAIN: "the name server does not answer",
  ENODATA: "the name has no address",
};

/** Looks a name up; never throws over what the resolver says. */
export async function resolveName(name: string): Promise<Resolution> {
  const { lookup } = await import("node:dns/promises"); // most runs look no name up
  try {
    const found = await lookup(name, { all: true, verbatim: true });
    const addresses = found.map(({ address }) => parseAddress(address)).filter((one) => one !== undefined);
    return addresses.length > 0 ? { addresses } : { why: "the name has no address" };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    return { why: WHY[code] ?? `the resolver says ${code}` };
  }
}
