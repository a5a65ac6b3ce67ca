import { describe, expect, it } from "vitest";
import { joinAnswers } from "../../inside/door-answers.js";
import { doorsOf } from "../../inside/doors.js";
import type { InsideSocket, InsideView } from "../../inside/inside-view.js";
import type { PortState } from "../../model/port-state.js";
import type { Reason } from "../../model/reason.js";
import type { PortResult, Protocol } from "../../model/scan-event.js";
import { heldBy, OTHER, processOf, viewOf, waiting } from "../../report/inside/inside-view.test.data.js";
import { type AskingFacts, overviewText } from "./overview-text.js";

const EVERYWHERE = { reach: { kind: "everywhere", interfaces: [] } } as const;
const MACHINE = { reach: { kind: "machine", interfaces: [] } } as const;
const ASKING: AskingFacts = {
  probeCount: 12,
  leftOutCount: 0,
  techniques: ["tcp-syn", "udp"],
  elapsedMs: 123,
  faults: [],
};

function program(pid: number, name: string, unit?: string) {
  return heldBy(processOf(pid, name, 0, unit));
}

const SOCKETS: readonly InsideSocket[] = [
  waiting("tcp", "0.0.0.0", 22, { ...program(812, "sshd", "ssh.service"), ...EVERYWHERE }),
  waiting("tcp", "127.0.0.1", 5432, { ...program(901, "postgres", "postgresql.service"), ...MACHINE }),
  waiting("tcp", "0.0.0.0", 8080, { ...program(77, "node"), ...EVERYWHERE }),
  waiting("tcp", "0.0.0.0", 8081, { ...program(78, "node"), ...EVERYWHERE }),
  waiting("udp", "0.0.0.0", 514, { ...program(60, "rsyslogd"), ...EVERYWHERE }),
];
const OWN_IPV4 = ["10.0.0.5", "192.168.7.1", "127.0.0.1"];

function resultOf(state: PortState, reason: Reason, protocol: Protocol = "tcp"): PortResult {
  return { protocol, port: 0, state, reason, technique: "tcp-syn", ttl: 64, rttMs: 1, tries: 1, responder: undefined };
}

const OPEN = resultOf("open", "syn-ack");
const RESULTS: ReadonlyMap<string, PortResult> = new Map([
  ...OWN_IPV4.map((text) => [`${text} tcp 22`, OPEN] as const),
  ...OWN_IPV4.map((text) => [`${text} udp 514`, resultOf("open|filtered", "no-response", "udp")] as const),
  ["127.0.0.1 tcp 5432", OPEN],
  ["10.0.0.5 tcp 5432", OPEN],
  ["127.0.0.1 tcp 8080", OPEN],
  ["192.168.7.1 tcp 8080", OPEN],
  ["10.0.0.5 tcp 8080", resultOf("filtered", "no-response")],
  ["127.0.0.1 tcp 8081", OPEN],
  ["192.168.7.1 tcp 8081", resultOf("closed", "reset")],
  ["10.0.0.5 tcp 8081", resultOf("closed", "reset")],
]);

function text(view: InsideView, { width = undefined as number | undefined, asking = ASKING, results = RESULTS } = {}) {
  const answered = joinAnswers(doorsOf(view), results);
  const context = {
    userNames: new Map([[0, "root"]]),
    view,
    serviceName: (port: number) => (port === 22 ? "ssh" : undefined),
    nowMs: 0,
    processTexts: new Map(),
  };
  return overviewText({ answered, asking, next: [["postern kernel", "its settings"]] }, context, width);
}

describe("overviewText", () => {
  it("shows inside and answers side by side, and says where they do not agree", () => {
    expect(text(viewOf(...SOCKETS), { width: 120 })).toMatchInlineSnapshot(`
      "5 ports, 4 of which other machines reach (!), as far as addresses decide:

         PORT      SERVICE  PROCESS        USER  UNIT        REACHED FROM  ANSWERS
      !  22/tcp    ssh      sshd[812]      root  ssh         everywhere    yes
      !  8080/tcp           node[77]       root              everywhere    filtered on 10.0.0.5
      !  8081/tcp           node[78]       root              everywhere    only on 127.0.0.1
      !  514/udp            rsyslogd[60]   root              everywhere    no answer (usual for UDP)
         5432/tcp           postgres[901]  root  postgresql  this machine  yes, and on 10.0.0.5

      5432/tcp postgres[901]: listens on 127.0.0.1 alone, but 10.0.0.5 answers, too: address translation
        leads there
      8080/tcp node[77]: listens on 10.0.0.5, but nothing comes back: a firewall of this machine drops
        it, or the program is overrun
      8081/tcp node[78]: listens on 10.0.0.5 and 192.168.7.1, but is refused there (a RST came back): by
        a firewall of this machine, or the program has just ended

      REACHED FROM is what addresses allow: no firewall was looked at. ANSWERS is what this machine gets
        from itself (12 probes by SYN and UDP in 0.12 s); others may get something else.

      Next:
        postern kernel  its settings
      "
    `);
  });

  it("fits 80 columns", () => {
    const narrow = text(viewOf(...SOCKETS), { width: 80 });
    expect(Math.max(...narrow.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(narrow).toContain("no answer (usual for UDP)");
    expect(narrow).toContain("only on 127.0.0.1");
  });

  it("has a friendly word where nothing listens", () => {
    expect(text(viewOf(), { asking: { ...ASKING, probeCount: 0, techniques: [] } })).toBe(
      "Nothing listens here: no program waits at any port of this network namespace.\n\nNext:\n  postern kernel  its settings\n",
    );
  });

  it("says what was not asked, not known and left out", () => {
    const view: InsideView = { ...viewOf(...SOCKETS), gaps: [{ code: "denied", what: "a thing", why: "no\nright" }] };
    const seen = text(view, { asking: { ...ASKING, leftOutCount: 1, faults: ["UDP ports: no \x1b[2J right"] } });
    expect(seen).toContain("1 probe of less important addresses was left out.\n");
    expect(seen).toContain("Not asked: UDP ports: no \\x1b[2J right\n");
    expect(seen).toContain("Not known: a thing: no\\x0aright\n");
    const none = text(view, { results: new Map(), asking: { ...ASKING, probeCount: 0, techniques: [] } });
    expect(none).toContain("Nothing was asked.");
    expect(none).toContain("not asked\n");
  });

  it("lists other namespaces and published ports in brief", () => {
    const inside = [...Array(20).keys()].map((at) =>
      waiting("tcp", "0.0.0.0", 9020 - at, { namespace: OTHER, ...program(700, "web") }),
    );
    const published = [...Array(12).keys()].map((at) => ({
      protocol: "tcp",
      family: 4 as const,
      hostAddress: undefined,
      hostPorts: [8000 + at, 8000 + at] as const,
      inInterface: undefined,
      sources: [],
      hooks: [],
      target: "address" as const,
      toAddress: "10.5.5.5",
      toPorts: [80, 80] as const,
      isShared: false,
      by: "nft",
      isCertain: true,
    }));
    const seen = text({ ...viewOf(...SOCKETS, ...inside), published });
    expect(seen).toMatch(/^Network namespace web \(.*\): 9001\/tcp, 9002\/tcp, .*, 9012\/tcp and 8 more$/m);
    expect(seen).toMatch(/^tcp +\*:8009 +10\.5\.5\.5:80 +nft\n… and 2 more: postern sockets$/m);
  });

  it("shows doors with the same disagreement together, and no more than anybody reads", () => {
    const sockets = [...Array(9).keys()].map((at) =>
      waiting("tcp", "127.0.0.1", 1000 + at, { ...program(at + 1, `p${at}`), ...MACHINE }),
    );
    const results = new Map(
      sockets.map((_, at) => [`127.0.0.1 tcp ${1000 + at}`, resultOf("filtered", "no-response")]),
    );
    expect(text(viewOf(...sockets), { results })).toContain(
      "1004/tcp p4[5], 1005/tcp p5[6] and 3 more: listens on 127.0.0.1, but nothing comes back: ",
    );
  });

  it("cannot steer the terminal by a program's name", () => {
    const seen = text(viewOf(waiting("tcp", "0.0.0.0", 22, { ...program(1, "\x1b]0;x\x07\n!"), ...EVERYWHERE })));
    expect(seen).toContain("\\x1b]0;x\\x07\\x0a![1]");
    expect([...seen].filter((letter) => letter < " ")).toEqual(Array(seen.split("\n").length - 1).fill("\n"));
  });
});
