import { expect, test } from "vitest";
import { readNftText } from "../../firewall/nft-text.js";
import { readEnvironment } from "../../firewall/read-questions.js";
import type { InsideSocket } from "../../inside/inside-view.js";
import { OTHER, viewOf, waiting } from "../../report/inside/inside-view.test.data.js";
import { FindingBook } from "../finding-book.js";
import { UNSAID } from "../intentions.js";
import { addressOf } from "../port-case.test.data.js";
import { RulesOfHost } from "../rules-view.js";
import { findOldSessions } from "./old-sessions.js";

const ENVIRONMENT = readEnvironment(
  JSON.stringify({
    ifaces: [
      { name: "lo", addrs: ["127.0.0.1/8"] },
      { name: "eth0", addrs: ["10.0.0.5/24"] },
    ],
    routes: [{ dst: "0.0.0.0/0", dev: "eth0" }],
  }),
  "host",
);
const DROPPED = "tcp dport 22 drop";

function connection(peer: string, port = 22, more: Parameters<typeof waiting>[3] = {}): InsideSocket {
  const socket = { state: "established", remote: addressOf(peer), remotePort: 51_000, ...more.socket } as const;
  return waiting("tcp", "10.0.0.5", port, { ...more, socket });
}

function found(rules: string, ...sockets: readonly InsideSocket[]) {
  const book = new FindingBook("web1", UNSAID);
  const ruleset = readNftText(
    `table inet t {\n${rules.includes("chain") ? rules : `chain input { type filter hook input priority filter; policy accept;\nct state established accept\n${rules}\n}`}\n}`,
  );
  findOldSessions(
    book,
    viewOf(waiting("tcp", "0.0.0.0", 22), ...sockets),
    new RulesOfHost(ruleset, ENVIRONMENT),
    ENVIRONMENT,
  );
  return book.findings();
}

test("a connection that would not be let in now is kept by conntrack", () => {
  const [only, ...more] = found(DROPPED, connection("198.51.100.7"));
  expect(more).toEqual([]);
  expect(only).toMatchObject({ key: "old-session-kept", place: "10.0.0.5/tcp/22", severity: "medium", vantages: [] });
  expect(only?.evidence).toEqual([
    expect.stringMatching(
      /^198\.51\.100\.7:51000 is connected; a new connection from there meets drop: tcp dport 22 drop \(inet t input, rule 1/,
    ),
  ]);
});

test("each peer is told once, whatever it has open", () => {
  const again = connection("198.51.100.7", 22, { socket: { remotePort: 51_001 } });
  expect(found(DROPPED, connection("198.51.100.7"), again, connection("198.51.100.8"))[0]?.evidence).toHaveLength(2);
});

test.each<[string, string, readonly InsideSocket[]]>([
  ["there is none", DROPPED, []],
  ["it would be let in again", "tcp dport 23 drop", [connection("198.51.100.7")]],
  ["it went out from here: nothing listens at its port", DROPPED, [connection("198.51.100.7", 40_022)]],
  ["it comes from the host itself, by loopback", DROPPED, [connection("127.0.0.1")]],
  ["it comes from the host itself, by an address that others use", DROPPED, [connection("10.0.0.5")]],
  ["it is of a container's namespace", DROPPED, [connection("198.51.100.7", 22, { namespace: OTHER })]],
  ["it has ended", DROPPED, [connection("198.51.100.7", 22, { socket: { state: "time-wait" } })]],
  ["rules let in some and nobody knows whom", "ct mark 7 drop", [connection("198.51.100.7")]],
])("is not told where %s", (_, rules, sockets) => {
  expect(found(rules, ...sockets)).toEqual([]);
});

test("a connection that a redirect led is no old one, though nobody gets to its port directly", () => {
  const rules = `chain led { type nat hook prerouting priority dstnat;\ntcp dport 2222 redirect to :22\n}
chain input { type filter hook input priority filter; policy drop;\nct status dnat accept\n}`;
  expect(found(rules, connection("198.51.100.7"))).toEqual([]);
});
