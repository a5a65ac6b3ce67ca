// The text of --iflist: this machine's interfaces and routes, in the tables that nmap shows (nmap reference guide, Output).
import process from "node:process";
import { type Interface, readInterfaces } from "../linux/interfaces.js";
import { Netlink } from "../linux/netlink.js";
import { type ListedRoute, readRoutes } from "../linux/route-list.js";
import { UsageError } from "../model/errors.js";
import { formatMac } from "../packet/ethernet.js";
import { printable } from "../report/printable.js";
import { textTable } from "../report/text-table.js";
import { formatAddress } from "../target/address.js";

const MAIN_TABLE = 254;

/**
 * Reads both from the kernel.
 *
 * @throws UsageError where there is no netlink to ask: not Linux
 */
export function interfaceList(): string {
  if (process.platform !== "linux") throw new UsageError("--iflist asks the Linux kernel, and this is another system");
  const netlink = new Netlink();
  try {
    const interfaces = readInterfaces(netlink);
    return interfaceListText([...interfaces.values()], readRoutes(netlink, interfaces));
  } finally {
    netlink.close();
  }
}

/** Both as text, with a line feed at the end. */
export function interfaceListText(interfaces: readonly Interface[], routes: readonly ListedRoute[]): string {
  const devices = textTable([["DEV", "IP/MASK", "TYPE", "UP", "MTU", "MAC"], ...interfaces.flatMap(interfaceRows)]);
  const ways = textTable([["DST/MASK", "DEV", "METRIC", "GATEWAY", "TABLE"], ...routes.map(routeRow)]);
  const lines = ["Interfaces:", ...devices, "", "Routes:"];
  lines.push(...(routes.length === 0 ? ["none"] : ways));
  return `${lines.join("\n")}\n`;
}

/** A line for each address, and one where there is none. */
function interfaceRows(device: Interface): readonly (readonly string[])[] {
  const { name, isUp, isLoopback, hasNeighbours, mac, mtuBytes, addresses } = device;
  const type = isLoopback ? "loopback" : hasNeighbours ? "ethernet" : "other";
  const state = isUp ? (device.isRunning || isLoopback ? "up" : "no carrier") : "down";
  const facts = [type, state, String(mtuBytes), mac === undefined ? "" : formatMac(mac, 0)];
  const texts = addresses.map(({ address, prefix }) => `${formatAddress(address)}/${prefix}`);
  return (texts.length === 0 ? ["(none)"] : texts).map((text) => [printable(name), printable(text), ...facts]);
}

function routeRow({ target, prefix, device, metric, gateway, table }: ListedRoute): readonly string[] {
  return [
    `${formatAddress(target)}/${prefix}`,
    printable(device),
    String(metric),
    gateway === undefined ? "" : printable(formatAddress(gateway)),
    table === MAIN_TABLE ? "" : String(table),
  ];
}
