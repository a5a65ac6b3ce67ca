// One TCP connect and one UDP question, against this machine's own loopback.
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { ScopeError, SystemCallError } from "../model/errors.js";
import { type Address, formatAddress, parseAddress } from "../target/address.js";
import { Scope } from "../target/scope.js";
import { ECONNREFUSED } from "./errno.js";
import { libc } from "./libc.js";
import { PollSet } from "./poll.js";
import { TcpDial } from "./tcp-dial.js";
import { TransmitGuard } from "./transmit-guard.js";
import { UdpQuestion } from "./udp-question.js";

const GUARD = new TransmitGuard(Scope.of({ own: [], authorized: [] }));
const ANYWHERE = { address: undefined, port: 0 } as const;
const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
const LOOPBACKS = hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"];

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

/** A TCP server, and the port that it had when it is over. */
async function withServer<Result>(host: string, run: (port: number) => Result): Promise<Result & { port: number }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen({ host, port: 0 }, resolve));
  const place = server.address();
  const port = typeof place === "object" && place !== null ? place.port : 0;
  try {
    return { ...run(port), port };
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

function dialed(dial: TcpDial) {
  const polled = new PollSet(1);
  polled.add(dial.fd);
  polled.poll(1000);
  return dial.end(polled.isWritable(0));
}

describe.skipIf(process.platform !== "linux").each(LOOPBACKS)("%s", (host) => {
  test("a listener takes the connection, from where it was asked to; then nobody is there", async () => {
    const { end, local, port } = await withServer(host, (open) => {
      const dial = new TcpDial(GUARD, address(host), open, { address: address(host), port: 0 });
      const seen = { end: dialed(dial), local: dial.local() };
      libc().close(dial.release());
      return seen;
    });
    expect(end).toEqual({ errno: 0, error: undefined });
    expect(local === undefined ? "" : formatAddress(local.address)).toBe(host);
    const refused = new TcpDial(GUARD, address(host), port, ANYWHERE);
    expect(dialed(refused)).toEqual({ errno: ECONNREFUSED, error: undefined });
    refused.close();
  });

  test("a closed UDP port is told with who said so", async () => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    await new Promise<void>((resolve) => socket.bind(0, host, resolve));
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(resolve));
    const question = new UdpQuestion(GUARD, address(host), port, ANYWHERE);
    expect(question.send(Uint8Array.of(1))).toBe(0);
    const polled = new PollSet(1);
    polled.add(question.fd, true);
    polled.poll(1000);
    expect(question.takeAnswer()).toBeUndefined();
    const [type, code] = host.includes(":") ? [1, 4] : [3, 3];
    expect(question.takeError()).toEqual({ family: address(host).family, type, code, from: address(host) });
    expect(question.takeError()).toBeUndefined();
    question.close();
  });

  test("an answer counts from the host alone, whatever its port", async () => {
    const kind = host.includes(":") ? "udp6" : "udp4";
    const [server, other] = [createSocket(kind), createSocket(kind)];
    await new Promise<void>((resolve) => server.bind(0, host, resolve));
    await new Promise<void>((resolve) => other.bind(0, host, resolve));
    // The server hears it after this test has let go of the thread.
    const heard = new Promise<void>((resolve) => {
      server.on("message", (bytes, from) => other.send(bytes, from.port, from.address, () => resolve()));
    });
    const question = new UdpQuestion(GUARD, address(host), server.address().port, ANYWHERE);
    question.send(Buffer.from("hello"));
    await heard;
    expect(question.takeAnswer()).toEqual({ bytes: new Uint8Array(Buffer.from("hello")), port: other.address().port });
    expect(question.takeAnswer()).toBeUndefined();
    question.close();
    server.close();
    other.close();
  });
});

describe.skipIf(process.platform !== "linux")("what may not be", () => {
  test("is refused before anything is sent", () => {
    const outside = address("192.0.2.1");
    expect(() => new TcpDial(GUARD, outside, 80, ANYWHERE)).toThrow(ScopeError);
    const question = new UdpQuestion(GUARD, outside, 53, ANYWHERE);
    expect(() => question.send(new Uint8Array(0))).toThrow(ScopeError);
    question.close();
  });

  test("foreign source addresses are named", () => {
    const source = { address: address("192.0.2.1"), port: 0 };
    expect(() => new TcpDial(GUARD, address("127.0.0.1"), 80, source)).toThrow(SystemCallError);
    expect(() => new UdpQuestion(GUARD, address("127.0.0.1"), 80, source)).toThrow("bind on 192.0.2.1 failed");
  });
});
