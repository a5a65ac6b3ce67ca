// `npm run lab`: builds the routed lab, says what is in it, and opens a shell where the scanner stands.
// `npm run lab -- -c "command"` runs one command there and ends with its status.
import { constants } from "node:os";
import process from "node:process";
import { labAvailability } from "./availability.js";
import { createLab, type Lab } from "./network.js";
import { ROUTER_ADDRESSES, SCANNER_ADDRESSES } from "./topology.js";

function table(lab: Lab): string {
  const rows = [
    ["scanner", SCANNER_ADDRESSES.ipv4, SCANNER_ADDRESSES.ipv6, "you are here"],
    ["router", ROUTER_ADDRESSES.outside.ipv4, ROUTER_ADDRESSES.outside.ipv6, "forwards, with a firewall"],
    ...lab.hosts.map(({ spec, ipv4, ipv6 }) => [spec.name, ipv4, ipv6, spec.summary]),
  ];
  const line = ([name = "", ipv4 = "", ipv6 = "", summary = ""]: string[]) =>
    `  ${name.padEnd(9)}${ipv4.padEnd(13)}${(lab.hasIpv6 ? ipv6 : "").padEnd(14)}${summary}`;
  const namespace = `  namespace of the scanner: ${lab.scanner.namespace}`;
  return [...rows.map(line), namespace, "  no way out of here; all of it is removed when the shell ends", ""].join(
    "\n",
  );
}

async function runShell(lab: Lab, args: readonly string[]): Promise<number> {
  const shell = process.env.SHELL ?? "/bin/sh";
  const child = lab.scanner.spawnHere(shell, args, { env: { POSTERN_LAB: lab.scanner.namespace } });
  process.on("SIGINT", () => {}); // the terminal sends it to the shell as well, which knows what to do
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.once(signal, () => child.kill("SIGKILL"));
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status, signal) => resolve(status ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  });
}

const availability = labAvailability();
if (availability.available) {
  const lab = await createLab({ topology: "routed" });
  try {
    process.stderr.write(table(lab));
    process.exitCode = await runShell(lab, process.argv.slice(2));
  } finally {
    await lab.dispose();
  }
} else {
  process.stderr.write(`lab: not available: ${availability.reason}\n`);
  process.exitCode = 3;
}
