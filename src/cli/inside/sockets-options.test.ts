import { describe, expect, test } from "vitest";
import { UsageError } from "../../model/errors.js";
import { address, heldBy, processOf, viewOf, waiting } from "../../report/inside/inside-view.test.data.js";
import { filterSockets } from "./socket-filter.js";
import { parseSocketsArguments, socketsHelp } from "./sockets-options.js";

describe("options", () => {
  test("without any: what listens, of IP and of frames, in all namespaces", () => {
    const settings = parseSocketsArguments([]);
    expect([...settings.kinds].toSorted()).toEqual(["inet", "packet"]);
    expect(settings).toMatchObject({
      hasConnections: false,
      onlyOwnNamespace: false,
      isJson: false,
      watchSec: undefined,
    });
  });

  test("letters as ss and netstat have them, one by one or together", () => {
    for (const words of [
      ["-tulpn"],
      ["-t", "-u", "-l", "-p", "-n"],
      ["--tcp", "--udp", "--listening", "--processes", "--numeric"],
    ]) {
      const settings = parseSocketsArguments(words);
      expect([...settings.protocols].toSorted()).toEqual(["tcp", "udp", "udplite"]);
      expect(settings).toMatchObject({ isNumeric: true, hasConnections: false });
    }
    expect([...parseSocketsArguments(["-x"]).kinds]).toEqual(["unix"]);
    expect([...parseSocketsArguments(["-0"]).kinds]).toEqual(["packet"]);
    expect(parseSocketsArguments(["-ta"]).hasConnections).toBe(true);
    expect([...parseSocketsArguments(["-46"]).families].toSorted()).toEqual([4, 6]);
  });

  test("ports, processes and users", () => {
    expect(parseSocketsArguments(["--port", "22,8000-8010"]).ports).toEqual([
      [22, 22],
      [8000, 8010],
    ]);
    expect(parseSocketsArguments(["--process=sshd,812"]).processes).toEqual(["sshd", "812"]);
    expect(parseSocketsArguments(["--user", "root, 33"]).users).toEqual(["root", "33"]);
  });

  test("states by all the names that they have elsewhere; they bring connections with them", () => {
    const settings = parseSocketsArguments(["--state", "ESTAB,TIME_WAIT,Listening,syn-sent"]);
    expect(settings.states).toEqual(["established", "time-wait", "listen", "syn-sent"]);
    expect(settings.hasConnections).toBe(true);
  });

  test("a watch looks every two seconds, or as often as is said", () => {
    expect(parseSocketsArguments(["--watch"]).watchSec).toBe(2);
    expect(parseSocketsArguments(["--watch=0.5"]).watchSec).toBe(0.5);
  });

  test.each([
    [["22"], "takes options alone"],
    [["--port", "65536"], "ports and ranges"],
    [["--port", "9-3"], "ports and ranges"],
    [["--port", ""], "ports and ranges"],
    [["--port", "22,"], "ports and ranges"],
    [["--port", "ssh"], "ports and ranges"],
    [["--process", "a,,b"], "--process needs a value"],
    [["--state", "lisen"], '"lisen" is no state: established'],
    [["--watch=0"], "--watch takes seconds"],
    [["--watch=1e9"], "--watch takes seconds"],
    [["--watch=x"], "--watch takes seconds"],
    [["--jsno"], "--jsno"],
    [["-z"], "-z"],
  ] as const)("%s is refused", (words, message) => {
    const parse = () => parseSocketsArguments(words);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });

  test("help fits the terminal, and has every option", () => {
    for (const columns of [80, 120]) {
      const help = socketsHelp(columns);
      expect(Math.max(...help.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(columns);
      for (const name of ["-t,", "-x,", "--port", "--state", "--own", "--watch", "--json", "--proc"])
        expect(help).toContain(name);
    }
  });
});

describe("filters", () => {
  const ssh = waiting("tcp", "0.0.0.0", 22, heldBy(processOf(812, "sshd")));
  const web = waiting("tcp", "::", 80, heldBy(processOf(700, "nginx"), processOf(701, "nginx", 33)));
  const name = waiting("udp", "127.0.0.1", 53, { socket: { uid: 101 } });
  const client = waiting("tcp", "10.0.0.5", 40_000, {
    ...heldBy(processOf(900, "curl", 1000)),
    socket: { state: "established", remote: address("10.0.0.9"), remotePort: 80 },
  });
  const all = viewOf(ssh, web, name, client);
  const names = new Map([[33, "www-data"]]);
  const shown = (...words: string[]) =>
    filterSockets(all, parseSocketsArguments(words), names).sockets.map(
      ({ socket }) => socket.kind === "inet" && socket.localPort,
    );

  test.each([
    [[], [22, 80, 53, 40_000]],
    [["-t"], [22, 80, 40_000]],
    [["-u"], [53]],
    [["-S"], []],
    [["-4"], [22, 53, 40_000]],
    [["-6"], [80]],
    [
      ["--port", "80"],
      [80, 40_000],
    ],
    [
      ["--port", "20-60"],
      [22, 53],
    ],
    [["--port", "0"], []],
    [["--process", "nginx"], [80]],
    [["--process", "701"], [80]],
    [["--process", "ngin"], []],
    [
      ["--process", "sshd,curl"],
      [22, 40_000],
    ],
    [["--user", "www-data"], [80]],
    [["--user", "1000"], [40_000]],
    [["--user", "101"], [53]],
    [["--state", "estab"], [40_000]],
    [["-t", "--port", "80", "--state", "listen"], [80]],
  ] as const)("%s", (words, ports) => {
    expect(shown(...words)).toEqual(ports);
  });

  test("what is missing stays said, and namespaces stay", () => {
    const gaps = [{ code: "denied", what: "a", why: "b" }] as const;
    const view = filterSockets({ ...all, gaps }, parseSocketsArguments(["--port", "1"]), names);
    expect(view).toMatchObject({ sockets: [], gaps, namespaces: all.namespaces });
  });
});
