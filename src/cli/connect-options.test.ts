import { describe, expect, test } from "vitest";
import { UsageError } from "../model/errors.js";
import { connectHelp, parseConnectArguments } from "./connect-options.js";
import { findTarget, readPorts } from "./connect-target.js";
import { readServiceTable } from "./data-files.js";

const parse = (line: string) => parseConnectArguments(line.split(" "));

describe("the command line", () => {
  test("nc's letters, alone and together", () => {
    const settings = parse("-zuvvw3 -s 127.0.0.1 -p99 -4n 127.0.0.2 53 100-110");
    expect(settings).toMatchObject({
      isProbe: true,
      isUdp: true,
      verbosity: 2,
      timeoutMs: 3000,
      sourcePort: 99,
      family: 4,
      isNumeric: true,
      host: "127.0.0.2",
      ports: ["53", "100-110"],
      tls: undefined,
    });
  });

  test("a conversation", () => {
    expect(parse("-CN -q 1.5 --idle 300ms --hex --raw -t h 23").talk).toEqual({
      isCrlf: true,
      isHalfClosing: true,
      quitMs: 1500,
      idleMs: 300,
      isRaw: true,
      isTelnet: true,
      isHex: true,
    });
  });

  test("TLS", () => {
    expect(parse("--tls --insecure --servername a.b --ca f --alpn h2,http/1.1 h 443").tls).toEqual({
      isInsecure: true,
      serverName: "a.b",
      authorityFile: "f",
      protocols: ["h2", "http/1.1"],
    });
  });

  test("a payload, in the notation of the tables", () => {
    expect(parse("-zu --payload 00ff h 53").payload).toEqual(Uint8Array.of(0, 255));
  });

  test.each([
    ["", "needs a host and a port"],
    ["h", "was given no port"],
    ["h 1 2", "a connection has one port: to probe several, use -z"],
    ["-z --tls h 1", "-z sends nothing"],
    ["-u --tls h 1", "--tls is for TCP"],
    ["-u -t h 1", "--telnet is for TCP"],
    ["-z --payload 00 h 1", "--payload is for -z -u"],
    ["-zu --payload 0 h 1", "is no part of a payload"],
    ["--insecure h 1", "are for --tls"],
    ["-p 0 h 1", "-p needs a whole number from 1 to 65535"],
    ["-s web h 1", "-s needs an address"],
    ["-w 0 h 1", "-w needs a time"],
    ["-l h 1", "unknown option -l"],
  ])("%j is refused", (line, message) => {
    expect(() => parseConnectArguments(line === "" ? [] : line.split(" "))).toThrow(message);
  });

  test("help fits the terminal", () => {
    for (const columns of [40, 80, 200]) {
      for (const line of connectHelp(columns).split("\n"))
        expect(line.length).toBeLessThanOrEqual(Math.max(60, columns));
    }
  });
});

describe("ports", () => {
  const read = (...texts: string[]) => readPorts(texts, "tcp", readServiceTable());

  test("come in the order in which they were written, each once", () => {
    expect(read("ssh", "80,443", "78-81", "22")).toEqual([22, 80, 443, 78, 79, 81]);
  });

  test.each([
    ["0", "port 0 stands for no port"],
    ["0-3", "port 0 stands for no port"],
    ["U:53", "ports have no letter here"],
    ["70000", "a port is at most 65535"],
    ["9-1", "runs backwards"],
    ["nosuchservice", "no tcp service is named"],
    ["22,", "no ports were named"],
  ])("%j is none", (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

describe("hosts", () => {
  const find = (host: string, changes: Partial<Parameters<typeof findTarget>[0]> = {}) =>
    findTarget({ host, family: undefined, isNumeric: true, authorized: [], sourceAddress: undefined, ...changes });

  test.each(["127.0.0.1", "::1", "[::1]"])("%s is one", async (host) => {
    expect(await find(host)).toMatchObject({ host, isName: false, addresses: [expect.anything()] });
  });

  test("an IPv4-mapped address is the IPv4 address that it is", async () => {
    expect((await find("::ffff:127.0.0.1")).addresses).toEqual([{ family: 4, value: 0x7f000001 }]);
  });

  test.each([
    ["localhost", "-n looks up no names"],
    ["127.0.0.0/8", "is not one host"],
    ["127.0.0.1:80", "is not one host"],
    ["127.0.0.1-5", "is not one host"],
    ["bad\u001b[2Jhost", "has characters that no target has"],
    ["224.0.0.1", "is a multicast address"],
    ["ff02::1%lo", "is a multicast address"],
    ["255.255.255.255", "is a broadcast address"],
    ["fe80::1", "write the link behind it"],
    ["fe80::1%nosuch0", "there is no interface nosuch0"],
  ])("%j is refused", async (host, message) => {
    await expect(find(host)).rejects.toThrow(UsageError);
    await expect(find(host)).rejects.toThrow(message);
  });

  test("families must fit", async () => {
    await expect(find("127.0.0.1", { family: 6 })).rejects.toThrow(
      "-6 asks for IPv6, and 127.0.0.1 has no such address",
    );
    const sourceAddress = { family: 6, bytes: new Uint8Array(16) } as const;
    await expect(find("127.0.0.1", { sourceAddress })).rejects.toThrow("of different families");
  });

  test("public ones need a word", async () => {
    await expect(find("192.0.2.1")).rejects.toThrow("neither private nor this machine's own");
    expect((await find("192.0.2.1", { authorized: ["192.0.2.0/24"] })).addresses).toHaveLength(1);
  });
});
