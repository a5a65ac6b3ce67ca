// Runs inside the lab: finds the hosts of the link eth0, and prints them as JSON.
import process from "node:process";
import { monotonicClock } from "../src/linux/clock.js";
import { findLinkHosts } from "../src/linux/link-hosts.js";
import { RouteTable } from "../src/linux/routes.js";
import { TransmitGuard } from "../src/linux/transmit-guard.js";
import { formatMac } from "../src/packet/ethernet.js";
import { formatAddress } from "../src/target/address.js";
import { Scope } from "../src/target/scope.js";

const routes = new RouteTable();
const device = [...routes.interfaces()].find(({ name }) => name === "eth0");
routes.close();
if (device === undefined) throw new Error("no eth0");
const guard = new TransmitGuard(Scope.of({ own: [], authorized: [] }));
const hosts = await findLinkHosts({ device, guard, clock: monotonicClock, waitMs: Number(process.argv[2]) });
const shown = hosts.map(({ address, mac, how }) => ({ address: formatAddress(address), mac: formatMac(mac, 0), how }));
process.stdout.write(`${JSON.stringify(shown)}\n`);
