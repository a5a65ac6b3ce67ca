import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InsideSocket, InsideView } from "../../inside/inside-view.js";
import type { Process } from "../../inside/process.js";
import { address, heldBy, OTHER, OWN, processOf, viewOf, waiting } from "./inside-view.test.data.js";
import type { CellContext } from "./socket-cells.js";
import { socketChangeLine, socketDocument } from "./socket-json.js";
import { sortSockets } from "./socket-order.js";
import { socketLine, socketTables } from "./socket-table.js";

const NOW = new Date(2026, 10, 24, 15, 0).getTime();

function contextOf(view: InsideView): CellContext {
  return {
    userNames: new Map([[0, "root"]]),
    view,
    serviceName: (port, protocol) => (port === 22 && protocol === "tcp" ? "ssh" : undefined),
    nowMs: NOW,
    processTexts: new Map(),
  };
}

function tables(view: InsideView, style: { width?: number; hasConnections?: boolean } = {}): string {
  const { width, hasConnections = false } = style;
  return [...socketTables(view, contextOf(view), { width, hasConnections })].join("");
}

/** The cells of the only row. */
function row(one: InsideSocket, view: InsideView = viewOf(one)): string {
  const lines = tables(view).split("\n");
  return (lines[one.namespace.isOwn ? 1 : 2] ?? "").replace(/ {2,}/g, " | ");
}

const sshd = processOf(812, "sshd", 0, "ssh.service");

describe("cells", () => {
  test("addresses: of both families, of one, of an interface, link-local, mapped", () => {
    const local = (text: string, more: Parameters<typeof waiting>[3] = {}) =>
      row(waiting("udp", text, 53, more)).split(" | ")[1];
    expect(local("::")).toBe("*:53");
    expect(local("::", { socket: { isV6Only: true } })).toBe("[::]:53");
    expect(local("::", { socket: { isV6Only: undefined } })).toBe("[::]:53");
    expect(local("0.0.0.0")).toBe("0.0.0.0:53");
    expect(local("0.0.0.0", { socket: { interfaceIndex: 2 } })).toBe("0.0.0.0%eth0:53");
    expect(local("fe80::1", { socket: { interfaceIndex: 3 } })).toBe("[fe80::1%eth1]:53");
    expect(local("fe80::1", { socket: { interfaceIndex: 9 } })).toBe("[fe80::1%9]:53");
    expect(local("::ffff:10.0.0.5")).toBe("[::ffff:10.0.0.5]:53");
  });

  test("who has it: processes, the kernel, nobody who may be seen", () => {
    const who = (more: Parameters<typeof waiting>[3]) => row(waiting("tcp", "0.0.0.0", 80, more)).split(" | ")[2];
    expect(who(heldBy(sshd))).toBe("sshd[812]");
    expect(who(heldBy(sshd, processOf(813, "sshd"), processOf(814, "sshd")))).toBe("sshd[812] +2");
    expect(who(heldBy(processOf(1, "systemd"), sshd))).toBe("sshd[812] +1");
    expect(who(heldBy(processOf(1, "systemd")))).toBe("systemd[1]");
    expect(who({ ownership: "kernel" })).toBe("kernel");
    expect(who({ ownership: "kernel", kernelOwner: "WireGuard wg0\x1b[2J" })).toBe("kernel: WireGuard wg0\\x1b[2J");
    expect(who({ ownership: "hidden" })).toBe("(not permitted)");
    const executable = { path: "/usr/sbin/sshd", isDeleted: true };
    expect(who(heldBy({ ...sshd, executable }))).toBe("sshd[812] (deleted)");
    expect(who(heldBy({ ...sshd, name: undefined }))).toBe("?[812]");
  });

  test("from where, in words", () => {
    const from = (
      kind: "machine" | "link" | "everywhere" | "nowhere" | "unknown",
      interfaces: string[],
      namespace = OWN,
    ) => row(waiting("tcp", "0.0.0.0", 80, { reach: { kind, interfaces }, namespace })).split(" | ")[2];
    expect(from("machine", [])).toBe("this machine");
    expect(from("machine", [], OTHER)).toBe("its namespace");
    expect(from("link", ["eth0", "eth1"])).toBe("link eth0, eth1");
    expect(from("link", [])).toBe("link");
    expect(from("everywhere", ["eth0"])).toBe("everywhere");
    expect(from("nowhere", [])).toBe("nowhere");
    expect(from("unknown", [])).toBe("unknown");
  });

  test("users, units and times", () => {
    const since = (startedAtMs: number) => row(waiting("tcp", "0.0.0.0", 22, heldBy({ ...sshd, startedAtMs })));
    expect(since(NOW - 60_000)).toBe("tcp | 0.0.0.0:22 | ssh | sshd[812] | root | ssh | 14:59");
    expect(since(new Date(2026, 2, 15).getTime())).toContain("| ssh | Mar 15");
    expect(since(new Date(2025, 11, 31).getTime())).toContain("Dec 31 2025");
    expect(row(waiting("tcp", "0.0.0.0", 22, heldBy(processOf(5, "x", 4711))))).toContain("| 4711");
  });
});

describe("tables", () => {
  test("one for each namespace, with what is missing at the end", () => {
    const view = {
      ...viewOf(waiting("tcp", "0.0.0.0", 22, heldBy(sshd)), waiting("tcp", "::", 80, { namespace: OTHER })),
      gaps: [{ code: "denied", what: "the process of 1 socket", why: "root\x1b[1m" }] as const,
    };
    expect(tables(view)).toBe(
      [
        "PROTO  LOCAL       SERVICE  PROCESS    USER  UNIT",
        "tcp    0.0.0.0:22  ssh      sshd[812]  root  ssh",
        "",
        "Network namespace web (net:[4026532281], 1 process):",
        "PROTO  LOCAL  PROCESS          USER",
        "tcp    *:80   (not permitted)  root",
        "",
        "Not known: the process of 1 socket: root\\x1b[1m",
        "",
      ].join("\n"),
    );
  });

  test("without sockets that is said", () => {
    expect(tables(viewOf())).toBe("No such socket.\n");
  });

  test("connections have states and other ends", () => {
    const one = waiting("tcp", "10.0.0.5", 22, {
      ...heldBy(sshd),
      socket: { state: "established", remote: address("10.0.0.9"), remotePort: 5000 },
    });
    expect(tables(viewOf(one), { hasConnections: true })).toBe(
      "PROTO  STATE        LOCAL        REMOTE         SERVICE  PROCESS    USER  UNIT\n" +
        "tcp    established  10.0.0.5:22  10.0.0.9:5000  ssh      sshd[812]  root  ssh\n",
    );
    expect(socketLine(one, contextOf(viewOf(one)))).toBe(
      "tcp  established  10.0.0.5:22  10.0.0.9:5000  ssh  sshd[812]  root  ssh",
    );
  });

  test("order: what listens first, then by protocol, port and address", () => {
    const sockets = [
      waiting("udp", "0.0.0.0", 53),
      waiting("tcp", "10.0.0.5", 40_000, { socket: { state: "established", remotePort: 1 } }),
      waiting("tcp", "::1", 80),
      waiting("tcp", "10.0.0.5", 80),
      waiting("tcp", "9.0.0.5", 80),
      waiting("tcp", "0.0.0.0", 9),
    ];
    const order = sortSockets(sockets).map(({ socket }) => socket.kind === "inet" && socket.localPort);
    expect(order).toEqual([9, 80, 80, 80, 53, 40_000]);
    expect(sortSockets(sockets.toReversed())).toEqual(sortSockets(sockets));
  });
});

/** Everything that a process, an administrator or an image may name, with the same text. */
function viewNamed(text: string): InsideView {
  const title = { name: text, title: text, kind: "service" };
  const pod = { kind: "podman", id: text } as const;
  const container = { runtime: "docker", id: text, pod, role: "payload" } as const;
  const facts = {
    name: text,
    image: text,
    pod: { namespace: text, name: text },
    runtime: "docker",
    ports: [],
  } as const;
  const group = {
    path: text,
    unit: title,
    userUnit: title,
    slice: text,
    sessionUid: 1,
    bundle: { kind: "snap", name: text } as const,
    isDeleted: false,
  };
  const process: Process = {
    ...processOf(812, text),
    startedAtMs: NOW,
    innerPid: 1,
    executable: { path: text, isDeleted: false },
    controlGroup: { ...group, containers: [container] },
  };
  const inUnit: Process = { ...process, pid: 813, controlGroup: { ...group, containers: [] } };
  const network = { ...OWN.network, nameByIndex: new Map([[2, text]]) };
  const namespace = { ...OTHER, name: text, network };
  const tcp = waiting("tcp", "fe80::1", 22, {
    ...heldBy(process),
    namespace,
    socket: { interfaceIndex: 2, moreLocals: [address("::1")] },
    reach: { kind: "link", interfaces: [text] },
  });
  const facts2 = { uid: 0, inode: 9, sendQueue: 0, receiveQueue: 0 } as const;
  const unix: InsideSocket = {
    ...tcp,
    ...heldBy(inUnit),
    socket: { kind: "unix", type: "stream", state: "listen", path: text, peer: 7, ...facts2 },
  };
  const packet: InsideSocket = {
    ...tcp,
    ownership: "kernel",
    holders: [],
    kernelOwner: text,
    socket: { kind: "packet", type: "raw", etherType: 3, interfaceIndex: 2, ...facts2 },
  };
  const published = {
    protocol: text,
    family: 4,
    hostAddress: text,
    hostPorts: [80, 80],
    inInterface: { name: text, isExcept: true },
    sources: [text],
    hooks: ["output"],
    target: "address",
    toAddress: text,
    toPorts: [80, 80],
    isShared: false,
    by: text,
    isCertain: true,
  } as const;
  return {
    sockets: [tcp, unix, packet],
    namespaces: [namespace],
    containers: new Map([[text, { container, facts }]]),
    containerOfNamespace: new Map([[namespace, { container, facts }]]),
    published: [published],
    publishedTo: new Map([[tcp, [published]]]),
    gaps: [{ code: "denied", what: text, why: text, table: text, namespace: 1 }],
  };
}

/** Controls but the line feed, what turns text round, what hides, and separators of lines. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

test("no name of anything can steer a terminal, in no form of output", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", minLength: 1, maxLength: 30 }),
      fc.integer({ min: 20, max: 200 }),
      (junk, width) => {
        const view = viewNamed(`a\n\r\x1b[31m\x9b2J\u202e${junk}`);
        const context = contextOf(view);
        const json = { at: "", version: "", userNames: new Map([[0, junk]]) };
        const outputs = [
          tables(view),
          tables(view, { width, hasConnections: true }),
          ...view.sockets.map((one) => `${socketLine(one, context)}\n`),
          ...view.sockets.map((one) => socketChangeLine("came", one, json)),
          [...socketDocument(view, json)].join(""),
        ];
        for (const output of outputs) for (const line of output.split("\n")) expect(line).not.toMatch(STEERING);
        for (const one of view.sockets) expect(socketLine(one, context)).not.toContain("\n");
      },
    ),
    { numRuns: 60 },
  );
});

test("JSON reads back as what was named", () => {
  const name = "a\n\x1b[31m\u202e\u{1f600}";
  const view = viewNamed(name);
  const document = JSON.parse([...socketDocument(view, { at: "now", version: "1", userNames: new Map() })].join(""));
  expect(document.sockets[0].processes[0].name).toBe(name);
  expect(document.sockets[1].path).toBe(name);
  expect(document.containers).toEqual([
    { id: name, runtime: "docker", name, image: name, pod: { namespace: name, name } },
  ]);
  expect(document.sockets[0].published).toEqual([0]);
  expect(document.published[0].by).toBe(name);
  expect(document.namespaces[0].container).toBe(name);
});

/** "sockets[].local", of everything in a document. */
function keysOf(value: unknown, place: string = ""): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => keysOf(one, `${place}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = place === "" ? key : `${place}.${key}`;
    return [path, ...keysOf(inner, path)];
  });
}

test("docs/commands/sockets.md has every key of JSON, and no other", () => {
  const page = readFileSync(new URL("../../../docs/commands/sockets.md", import.meta.url), "utf8");
  const section = page.slice(page.indexOf("## JSON"), page.indexOf("## Limits"));
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  // Objects that are told in one row have their keys in its text.
  const told = rows.flatMap((row) => {
    const [, names = "", text = ""] = row.split("|");
    const own = [...row.matchAll(/`((?:\w+(?:\[\])?\.)*\w+)(?:\[\])?`/g)].map(([, name = ""]) => name);
    const [head = ""] = [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    const inner = [...text.matchAll(/`(\w+)`/g)].map(([, name]) => `${head}.${name}`);
    return [...own, ...inner];
  });
  const view = viewNamed("a");
  const document = JSON.parse(
    [...socketDocument(view, { at: "now", version: "1", userNames: new Map([[0, "b"]]) })].join(""),
  );
  const keys = [...new Set(keysOf(document))];
  const isTold = (key: string) =>
    told.some((one) => one === key || one.startsWith(`${key}.`)) || /\.pod\.\w+$/.test(key);
  expect(keys.filter((key) => !isTold(key))).toEqual([]);
  const named = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([^`]+?)(?:\[\])?`/g)].map(([, name = ""]) => name),
  );
  const absent = named.filter((key) => !keys.includes(key));
  expect(absent).toEqual([]);
});

test("JSON of nothing is a document, too", () => {
  const document = JSON.parse(
    [...socketDocument(viewOf(), { at: "now", version: "1", userNames: new Map() })].join(""),
  );
  expect(document).toMatchObject({ format: "postern-sockets", formatVersion: 1, sockets: [], gaps: [] });
});
