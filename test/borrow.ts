// Runs inside the lab: borrows addresses around an own one and tells what comes of it, a line of JSON for each news, until
// "close" is read; then it gives them back, and ends with its standard input.
// Arguments: own address, how many, and how long a prefix to draw from.
import process from "node:process";
import { createInterface } from "node:readline";
import { claimAddresses } from "../src/linux/borrowed-addresses.js";
import { monotonicClock } from "../src/linux/clock.js";
import { RouteTable } from "../src/linux/routes.js";
import { TransmitGuard } from "../src/linux/transmit-guard.js";
import { type Address, formatAddress } from "../src/target/address.js";
import { seededRandom } from "../src/target/random.js";
import { Scope } from "../src/target/scope.js";

const POLL_MS = 1;

function tell(news: object): void {
  process.stdout.write(`${JSON.stringify(news)}\n`);
}

const texts = (addresses: readonly Address[]): string[] => addresses.map(formatAddress);

async function main(ownText: string, count: number, prefix: number, seed: number): Promise<void> {
  const routes = new RouteTable();
  const devices = [...routes.interfaces()];
  routes.close();
  const device = devices.find(({ addresses }) => addresses.some(({ address }) => formatAddress(address) === ownText));
  const own = device?.addresses.find(({ address }) => formatAddress(address) === ownText);
  if (device === undefined || own === undefined) throw new Error(`${ownText} is on no interface`);
  const beganMs = monotonicClock.now();
  const borrowed = await claimAddresses({
    device,
    own: { address: own.address, prefix },
    count,
    isTaken: () => false,
    random: seededRandom(seed),
    guard: new TransmitGuard(Scope.of({ own: [], authorized: [] })),
    clock: monotonicClock,
  });
  const { isForwarding, addresses } = borrowed;
  tell({ addresses: texts(addresses), isForwarding, tookMs: monotonicClock.now() - beganMs });
  const timer = setInterval(() => {
    const lost = borrowed.poll();
    if (lost.length > 0) tell({ lost: texts(lost), left: borrowed.addresses.length });
  }, POLL_MS);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== "close") continue;
    clearInterval(timer);
    await borrowed.close();
    tell({ left: borrowed.addresses.length });
  }
  clearInterval(timer);
  await borrowed.close();
}

const [own = "", count = "", prefix = "", seed = "1"] = process.argv.slice(2);
await main(own, Number(count), Number(prefix), Number(seed));
