import { createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ScopeError, SystemCallError } from "../model/errors.js";
import { type Address, parseAddress } from "../target/address.js";
import { Scope } from "../target/scope.js";
import type { Connector } from "./connector.js";
import { EpollConnector } from "./epoll-connector.js";
import { ECONNREFUSED } from "./errno.js";
import { IoUringConnector } from "./io-uring-connector.js";
import { NodeConnector } from "./node-connector.js";
import { TransmitGuard } from "./transmit-guard.js";

const GUARD = new TransmitGuard(Scope.of({ own: [], authorized: [] }));
const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

const LOOPBACK = address("127.0.0.1");

function listen(host: string): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.listen({ host, port: 0 }, () => resolve(server));
  });
}

function portOf(server: Server): number {
  const place = server.address();
  return typeof place === "object" && place !== null ? place.port : 0;
}

/** A port that was free a moment ago. */
async function closedPort(host: string): Promise<number> {
  const server = await listen(host);
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Why the kernel refuses a connector; undefined when it works. */
function whyNot(open: () => Connector): string | undefined {
  if (process.platform !== "linux" && open !== KINDS["node:net"]) return "Linux only";
  try {
    open().close();
    return undefined;
  } catch (error) {
    if (error instanceof SystemCallError) return error.message;
    throw error;
  }
}

const KINDS: Readonly<Record<string, (capacity?: number) => Connector>> = {
  io_uring: (capacity = 64) => new IoUringConnector(capacity, GUARD),
  epoll: (capacity = 64) => new EpollConnector(capacity, GUARD),
  "node:net": (capacity = 64) => new NodeConnector(capacity, GUARD),
};

/** Begins a connect, waiting for a free socket where there is none yet. */
async function begin(connector: Connector, token: number, target: Address, port: number): Promise<void> {
  for (let attempts = 0; attempts < 50; attempts++) {
    if (connector.connect(token, target, port)) return;
    await connector.wait(10);
    connector.collect((other) => {
      throw new Error(`the end of ${other} was not waited for`);
    });
  }
  throw new Error("no socket became free");
}

/** Collects until so many connects have ended. */
async function ends(connector: Connector, count: number): Promise<Map<number, number>> {
  const told = new Map<number, number>();
  for (let rounds = 0; rounds < 200 && told.size < count; rounds++) {
    await connector.wait(50);
    connector.collect((token, errno) => {
      expect(told.has(token), `token ${token} twice`).toBe(false);
      told.set(token, errno);
    });
  }
  return told;
}

/** All that is told within two short waits, when nothing should be. */
async function stragglers(connector: Connector): Promise<number[]> {
  const told: number[] = [];
  for (let rounds = 0; rounds < 2; rounds++) {
    await connector.wait(20);
    connector.collect((token) => told.push(token));
  }
  return told;
}

describe.each(Object.entries(KINDS))("%s", (name, open) => {
  const reason = whyNot(open);
  let server: Server;
  let connector: Connector;
  let closed = 0;

  beforeAll(async () => {
    server = await listen("127.0.0.1");
    closed = await closedPort("127.0.0.1");
  });

  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
  });

  beforeEach((context) => {
    if (reason !== undefined) context.skip(`${name} cannot be had here: ${reason}`);
    connector = open();
  });

  afterEach(() => {
    if (reason === undefined) connector.close();
  });

  test("says in reports what it is", () => {
    expect(connector.name).toBe(name);
    expect(connector.capacity).toBe(64);
  });

  test("an open port ends with 0, a closed one with ECONNREFUSED, each under its token", async () => {
    await begin(connector, 7, LOOPBACK, portOf(server));
    await begin(connector, 32_767, LOOPBACK, closed);
    expect(await ends(connector, 2)).toEqual(
      new Map([
        [7, 0],
        [32_767, ECONNREFUSED],
      ]),
    );
    expect(await stragglers(connector)).toEqual([]);
  });

  test("tokens and sockets are used again, hundreds of times", async () => {
    for (let round = 0; round < 10; round++) {
      for (let token = 0; token < 15; token++) {
        await begin(connector, token, LOOPBACK, token % 2 === 0 ? closed : portOf(server));
      }
      const told = await ends(connector, 15);
      expect([...told].filter(([token, errno]) => errno !== (token % 2 === 0 ? ECONNREFUSED : 0))).toEqual([]);
      expect(told.size).toBe(15);
    }
  });

  test("the end of a connect that was given up is not told", async () => {
    await begin(connector, 1, LOOPBACK, portOf(server));
    await begin(connector, 2, LOOPBACK, closed);
    connector.cancel(1);
    expect(await ends(connector, 1)).toEqual(new Map([[2, ECONNREFUSED]]));
    expect(await stragglers(connector)).toEqual([]);
  });

  test("a token can be used again as soon as its connect was given up", async () => {
    await begin(connector, 1, LOOPBACK, portOf(server));
    connector.cancel(1);
    await begin(connector, 1, LOOPBACK, closed);
    expect(await ends(connector, 1)).toEqual(new Map([[1, ECONNREFUSED]]));
    expect(await stragglers(connector)).toEqual([]);
  });

  test(`${name === "io_uring" ? "" : ""}neither is one that has ended before it was given up`, async () => {
    await begin(connector, 1, LOOPBACK, closed);
    await connector.wait(100);
    connector.cancel(1);
    expect(await stragglers(connector)).toEqual([]);
  });

  test("to give up what is not under way changes nothing", async () => {
    connector.cancel(99);
    await begin(connector, 1, LOOPBACK, closed);
    expect((await ends(connector, 1)).size).toBe(1);
    connector.cancel(1);
  });

  test("no more connects are under way than its capacity, and room comes back", async () => {
    connector.close();
    connector = open(3);
    for (let token = 0; token < 3; token++) await begin(connector, token, LOOPBACK, closed);
    expect(connector.connect(3, LOOPBACK, closed)).toBe(false);
    expect((await ends(connector, 3)).size).toBe(3);
    await begin(connector, 3, LOOPBACK, closed);
    expect(await ends(connector, 1)).toEqual(new Map([[3, ECONNREFUSED]]));
  });

  test("an address that may not be probed is refused before the kernel hears of it", async () => {
    for (const text of ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"]) {
      expect(() => connector.connect(1, address(text), 80)).toThrow(ScopeError);
    }
    expect(await stragglers(connector)).toEqual([]);
    await begin(connector, 1, LOOPBACK, closed);
    expect((await ends(connector, 1)).size).toBe(1);
  });

  test("a wait without anything to wait for ends", async () => {
    await connector.wait(0);
    await connector.wait(1);
    expect(connector.collect(() => {})).toBe(0);
  });

  test("IPv6 works beside IPv4", async (context) => {
    if (!hasIpv6) context.skip("this machine has no ::1");
    const server6 = await listen("::1");
    try {
      await begin(connector, 1, address("::1"), portOf(server6));
      expect(await ends(connector, 1)).toEqual(new Map([[1, 0]]));
      await begin(connector, 2, LOOPBACK, closed);
      expect(await ends(connector, 1)).toEqual(new Map([[2, ECONNREFUSED]]));
      await begin(connector, 3, address("::1"), await closedPort("::1"));
      expect(await ends(connector, 1)).toEqual(new Map([[3, ECONNREFUSED]]));
    } finally {
      await new Promise((resolve) => server6.close(resolve));
    }
  });
});
