// Own addresses that UDP probes leave from by turns (--source-addresses).
import { UsageError } from "../model/errors.js";
import { type Address, formatAddress } from "../target/address.js";
import { blockAt, blockCount, walkableBlockOf } from "../target/address-block.js";
import { isFault } from "../target/fault.js";
import { parseTarget } from "../target/target-expression.js";

const ADDRESSES_MAX = 1024;
/** Own addresses that a message lists. */
const LISTED_MAX = 12;

/**
 * Reads addresses, patterns and networks, separated by commas, of which every address must be this machine's own.
 *
 * @throws UsageError naming the first that is not
 */
export function readSourceAddresses(texts: readonly string[], own: readonly Address[]): readonly Address[] {
  const ownByText = new Map(own.map((address) => [formatAddress(bare(address)), address] as const));
  const sources = new Map<string, Address>();
  for (const address of texts.flatMap(addressesOf)) {
    const text = formatAddress(bare(address));
    const known = ownByText.get(text);
    if (known === undefined)
      throw new UsageError(`--source-addresses: ${text} is no address of this machine`, {
        hint: `its own are ${listed([...ownByText.keys()])}`,
      });
    sources.set(text, known);
  }
  if (sources.size > ADDRESSES_MAX) throw tooMany(sources.size);
  return [...sources.values()];
}

function addressesOf(text: string): readonly Address[] {
  const expression = parseTarget(text);
  if (isFault(expression)) throw new UsageError(`--source-addresses: ${expression.fault}`);
  if (expression.kind === "name" || expression.ports !== undefined) {
    throw new UsageError(`--source-addresses takes addresses, and ${JSON.stringify(text)} is none`);
  }
  const block = walkableBlockOf(expression);
  if (isFault(block)) throw new UsageError(`--source-addresses: ${block.fault}`);
  const count = blockCount(block);
  if (count > ADDRESSES_MAX) throw tooMany(count);
  return Array.from({ length: count }, (_, index) => blockAt(block, index));
}

function tooMany(count: number): UsageError {
  return new UsageError(`--source-addresses names ${count} addresses, and ${ADDRESSES_MAX} are the most`);
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, LISTED_MAX).join(", ");
  return texts.length > LISTED_MAX ? `${shown} and ${texts.length - LISTED_MAX} more` : shown;
}

/** An own address is ours whatever zone it was written with. */
function bare(address: Address): Address {
  return address.family === 4 ? address : { family: 6, bytes: address.bytes };
}
