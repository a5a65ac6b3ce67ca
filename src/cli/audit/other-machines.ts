// Hosts as `postern audit` is given them: what ssh calls them, and the addresses that are asked.
import type { OtherMachine } from "../../audit/other-machine.js";
import { resolveName } from "../../linux/resolve.js";
import { UnreachableError, UsageError } from "../../model/errors.js";
import { type Address, parseAddress } from "../../target/address.js";
import { quote } from "../../target/fault.js";
import type { AuditDraft } from "./audit-options.js";
import { sshHostOf } from "./open-vantages.js";

/**
 * Reads them.
 *
 * @throws UsageError for what is no host
 * @throws UnreachableError for a name without an address
 */
export function readOtherMachines(
  texts: readonly string[],
  { isOutsideOnly, hasSudo, sshConfigFile }: AuditDraft,
): Promise<readonly OtherMachine[]> {
  return Promise.all(
    texts.map(async (text) => {
      const ssh = sshHostOf(text);
      const addresses = await addressesOf(ssh.host);
      return { name: text, addresses, ssh: isOutsideOnly ? undefined : ssh, hasSudo, sshConfigFile };
    }),
  );
}

async function addressesOf(host: string): Promise<readonly Address[]> {
  const address = parseAddress(host);
  if (address !== undefined) return [address];
  if (host.includes("/"))
    throw new UsageError(`${quote(host)} is a network; an audit looks into hosts, each by its name`);
  const resolution = await resolveName(host);
  if ("why" in resolution) throw new UnreachableError(`${host} cannot be resolved: ${resolution.why}`);
  return resolution.addresses;
}
