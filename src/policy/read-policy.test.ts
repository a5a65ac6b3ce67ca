import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LOCAL_LOG_ADDRESS } from "../linux/log-address.js";
import { InputError } from "../model/errors.js";
import { policyWarnings } from "./contradictions.js";
import { checkPolicy, readPolicy } from "./read-policy.js";

function complaint(text: string): string {
  try {
    readPolicy(text, "f", "UTC");
    return "nothing";
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message;
  }
}

describe("syslog", () => {
  test.each([
    ["syslog: true", LOCAL_LOG_ADDRESS],
    ["syslog: false", undefined],
    ["", undefined],
    ["# nothing\n", undefined],
    ["{}", undefined],
    ["---\nsyslog: udp://loghost\n...\n", { kind: "udp", host: "loghost", port: 514 }],
    ['"syslog": "tls://[fd00::1]:7000" # there', { kind: "tls", host: "fd00::1", port: 7000 }],
    ["\ufeffsyslog: true\r\n", LOCAL_LOG_ADDRESS],
  ])("%j", (text, log) => {
    expect(readPolicy(text, "f", "UTC")).toMatchObject({ log, isRecorded: false });
  });
});

test.each([
  ["history: true", true],
  ["history: false", false],
])("%j", (text, isRecorded) => {
  expect(readPolicy(text, "f", "UTC")).toMatchObject({ log: undefined, isRecorded });
});

test.each([
  ["sylog: true", 'f:1:1: unknown key "sylog"; did you mean syslog?'],
  [
    "\n\n  zebra: 1",
    'f:3:3: unknown key "zebra"; these are known: timezone, scope, exclude, limits, consent, vantages, expect, accepted, notify, syslog, history',
  ],
  ["__proto__: 1", 'f:1:1: the key "__proto__" is not taken'],
  ["expect: {__proto__: [tcp/1]}", 'f:1:10: the key "__proto__" is not taken'],
  [
    "toString: 1",
    'f:1:1: unknown key "toString"; these are known: timezone, scope, exclude, limits, consent, vantages, expect, accepted, notify, syslog, history',
  ],
  [
    '"\\u001b[2J": 1',
    'f:1:1: unknown key "\\u001b[2J"; these are known: timezone, scope, exclude, limits, consent, vantages, expect, accepted, notify, syslog, history',
  ],
  ["syslog: yes\n", 'f:1:9: syslog needs udp://HOST, tcp://HOST or tls://HOST, but was given "yes"'],
  ["syslog:\n  udp://\n", 'f:2:3: syslog needs udp://HOST, tcp://HOST or tls://HOST, but was given "udp://"'],
  ["history: /tmp/h.db", "f:1:10: history needs true or false"],
  ["syslog: 1", "f:1:9: syslog needs true, false, udp://HOST, tcp://HOST or tls://HOST"],
  ["syslog:", "f:1:8: syslog needs true, false, udp://HOST, tcp://HOST or tls://HOST"],
  ["syslog: [true]", "f:1:9: syslog needs true, false, udp://HOST, tcp://HOST or tls://HOST"],
  ["- syslog", "f:1:1: keys with values were expected"],
  ["syslog", "f:1:1: keys with values were expected"],
  ["syslog: true\nsyslog: false", 'f:2:1: the key "syslog" stands there twice'],
  ["syslog: true\n  bad: - x", "f:1:9: nested mappings"],
  ["syslog: {", "f:1:10: "],
  ["a: &a [x]\nb: *a", "f:1:7: anchors (&) are not taken"],
  ["&a syslog: true", "f:1:4: the key"],
  ["b: *a", "f:1:4: "],
  ["syslog: !!bool true", "f:1:16: tags (!) are not taken"],
  ["syslog: !x true", "f:1:9: "],
  ["<<: {syslog: true}", 'f:1:1: unknown key "<<"'],
  ["1: x", "f:1:1: a key must be a word"],
  ["? [a]\n: b", "f:1:3: a key must be a word"],
  ["? {a: b}\n", "f:1:3: a key must be a word"],
  ["%YAML 1.1\n---\nsyslog: on", "f:1:1: directives (%) are not taken"],
  ["syslog: true\n---\nsyslog: false", "f:2:1: a second document begins"],
  ["syslog: true\0", "f:1:"],
])("%j is refused with its place", (text, message) => {
  expect(complaint(text)).toContain(message);
});

describe("the sections", () => {
  test.each([
    ["timezone: Europe/Berln", 'f:1:11: timezone: there is no time zone "Europe/Berln"; did you mean Europe/Berlin?'],
    ["scope: 10.0.0.5/24", 'f:1:8: scope: "10.0.0.5/24" has bits behind its prefix; write 10.0.0.0/24 for the network'],
    ["scope:\n  - 10.0.0.0/24\n  - 10.0.0.300", 'f:3:5: scope: "10.0.0.300"'],
    ["exclude: fe80::1%eth0", 'f:1:10: exclude: "fe80::1%eth0": leave out the %eth0'],
    ["exclude: 10.0.0.1:22", "no port was expected here"],
    ["scope: example.org/24", "a network is written by its address"],
    ["scope: 5", "f:1:8: scope needs addresses, networks or names"],
    ["scope: {a: 1}", "f:1:8: scope needs addresses, networks or names"],
    ["limits: {rat: 5}", 'f:1:10: limits: unknown key "rat"; did you mean rate?'],
    ["limits:\n  rate: 0", "f:2:9: limits.rate needs a number of probes a second greater than 0"],
    ["limits:\n  rate: .inf", "f:2:9: limits.rate needs a number"],
    ["limits:\n  rate: fast", "f:2:9: limits.rate needs a number"],
    ["limits:\n  hours: [Mon 08:00-08:00]", 'f:2:11: limits.hours: "Mon 08:00-08:00" has no length'],
    ["limits:\n  hours: 22:00", "f:2:10: limits.hours: "],
    ["consent:\n  - hosts: 192.0.2.1\n    who: x", "f:2:5: consent.until needs a date"],
    ["consent:\n  - hosts: 192.0.2.1\n    who: ''\n    until: 2027-02-30", "f:3:10: consent.who needs the name"],
    [
      "consent:\n  - hosts: 192.0.2.1\n    who: x\n    until: 2027-02-30",
      "f:4:12: consent.until: there is no 2027-02-30",
    ],
    ["vantages: {any: {self: 10.0.0.1}}", 'f:1:12: vantages: "any" is no name'],
    ["vantages: {a b: {self: 10.0.0.1}}", 'f:1:12: vantages: "a b" is no name'],
    ["vantages: {a: {self: 10.0.0.1, ssh: b}}", "f:1:15: vantages.a needs self with an address, or ssh"],
    ["vantages: {a: {self: 10.0.0.1, port: 22}}", "f:1:15: vantages.a: port and identity belong to ssh"],
    ["vantages: {a: {ssh: -oProxyCommand=x}}", "f:1:21: vantages.a.ssh: "],
    ["vantages: {a: {ssh: '-x@host'}}", 'f:1:21: vantages.a.ssh: "-x" is no name of a user'],
    ["vantages: {a: {ssh: b, port: 65536}}", "f:1:30: vantages.a.port needs a whole number"],
    ["vantages: {a: {ssh: b, identity: key}}", 'f:1:34: vantages.a.identity: "key" is no file\'s whole name'],
    ["vantages: {a: {self: 224.0.0.1}}", "no address that a host can have"],
    ["expect: {10.0.0.1: [443]}", "f:1:21: expect.10.0.0.1 needs ports such as tcp/443, or keys"],
    ["expect: {10.0.0.1: ['443']}", 'f:1:21: expect.10.0.0.1: "443" names no ports'],
    ["expect: {10.0.0.1: [tcp/0]}", "port 0 stands for no port"],
    ["expect: {10.0.0.1: [tcp/65536]}", "a port is at most 65535"],
    ["expect: {10.0.0.1: [tcp/ssh]}", 'f:1:21: expect.10.0.0.1: "ssh" is no port'],
    [
      "expect: {10.0.0.1: [{ports: tcp/1, form: any}]}",
      'f:1:36: expect.10.0.0.1: unknown key "form"; did you mean from?',
    ],
    [
      "expect:\n  10.0.0.1:\n    open:\n      - ports: tcp/1\n        from: 10.0.0.1/8",
      "f:5:15: expect.10.0.0.1.open.from: ",
    ],
    ["expect: {web servers: [tcp/80]}", 'f:1:10: expect: "web servers" names no hosts'],
    ["expect: {10.0.0.1: tcp/80}", "f:1:20: expect.10.0.0.1 needs a list of ports, or keys: hosts and open"],
    ["expect: {10.0.0.1: {hosts: 10.0.0.1}}", "f:1:20: expect.10.0.0.1.open needs a list of ports"],
    ["accepted: [{finding: x, reason: y}]", 'f:1:22: accepted.finding: "x" is no finding'],
    ["accepted: [{finding: x@10.0.0.1/tpc/2, reason: y}]", "did you mean tcp?"],
    ["accepted: [{finding: x@10.0.0.1/tcp/70000, reason: y}]", "is no port"],
    ["accepted: [{finding: X@10.0.0.1, reason: y}]", "is no key of a finding"],
    ["accepted: [{finding: x@10.0.0.1}]", "f:1:12: accepted.reason needs a reason"],
    ["notify: [{}]", "f:1:10: notify needs one of command, webhook, mail and ntfy"],
    ["notify: [{mail: a@b, ntfy: https://x/y}]", "f:1:10: notify needs one of"],
    ["notify: [{mail: '-oQ/tmp/x@b'}]", "is no mail address"],
    ["notify: [{command: rm}]", "f:1:20: notify.command needs the whole name of a program"],
    ["notify: [{webhook: 'file:///etc/passwd'}]", "is no URL"],
    ["notify: [{ntfy: https://ntfy.sh/}]", "names no topic"],
  ])("%j is refused with its place", (text, message) => {
    expect(complaint(text)).toContain(message);
  });

  test.each([
    [
      "exclude: 10.0.0.0/8\nexpect:\n  10.0.0.1: [tcp/1]",
      "f:3:3: 10.0.0.1 is expected, and never probed (exclude): see f:1:10",
    ],
    [
      "exclude: [10.0.0.1]\nexpect:\n  10.0.0.0/8: [tcp/1]",
      "f:3:3: 10.0.0.0/8 is expected, and never probed (exclude): see f:1:11",
    ],
    [
      "exclude: [A.example.]\nexpect:\n  a.EXAMPLE: [tcp/1]",
      'f:3:3: "a.example" is expected, and never probed (exclude): see f:1:11',
    ],
    [
      "vantages: {office: {ssh: x}}\nexpect: {10.0.0.1: [{ports: tcp/1, from: ofice}]}",
      'f:2:42: from: no vantage point is named "ofice"; did you mean office?',
    ],
  ])("%j contradicts itself", (text, message) => {
    expect(complaint(text)).toContain(message);
  });

  test("everything that is wrong is told, in the order of the file", () => {
    const { faults, policy } = checkPolicy("scope: [x y]\nzebra: 1\nlimits: {rate: -1}\nhistory: 1", "f", "UTC");
    expect(policy).toBeUndefined();
    expect(faults.map(({ place }) => place.line)).toEqual([1, 2, 3, 4]);
    expect(complaint("zebra: 1\nsyslog: 1")).toMatch(/^f:1:1: unknown key "zebra"/);
  });

  test("words of others stay what they are, and are quoted in messages", () => {
    const text = 'accepted: [{finding: x@10.0.0.1, reason: "\\e[2Jgone\\u202e"}]';
    expect(readPolicy(text, "f", "UTC").accepted[0]?.reason).toBe("\u001b[2Jgone\u202e");
    expect(complaint('expect: {"\\e[2J": 5}')).not.toContain("\u001b");
  });
});

test("the example of the manual says what it says", () => {
  const page = readFileSync(fileURLToPath(new URL("../../docs/policy.md", import.meta.url)), "utf8");
  const [, text = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const { policy, faults } = checkPolicy(text, "postern.yaml", "UTC");
  expect(faults).toEqual([]);
  if (policy === undefined) throw new Error("no policy");
  expect(policy).toMatchObject({
    zoneName: "Europe/Berlin",
    scope: { names: [{ name: "www.example.org", at: { file: "postern.yaml", line: 6, column: 5 } }] },
    limits: { ratePps: 2000, hostRatePps: 100, hours: { texts: ["Mon-Fri 22:00-06:00", "Sat,Sun 00:00-24:00"] } },
    consents: [{ who: "Example Hosting, contract 4711", purpose: "the yearly audit", until: { text: "2027-03-31" } }],
    vantages: [
      { name: "lan", way: { kind: "self" } },
      {
        name: "office",
        way: { kind: "ssh", user: "audit", host: "gate.example.org", port: 2222, identityFile: "~/.ssh/audit" },
      },
    ],
    expect: [
      { name: "10.0.0.53", hosts: { blocks: [{ at: { line: 33, column: 3 } }] }, open: [{ at: { line: 33 } }, {}] },
      {
        name: "web servers",
        open: [
          { from: { isAny: true }, at: { line: 37, column: 9 } },
          {
            from: { isAny: false, blocks: [{}], vantages: [{ name: "office" }] },
            services: ["ssh"],
            processes: ["sshd"],
            why: "administrators",
          },
          { from: { vantages: [{ name: "lan" }] }, until: { text: "2027-01-31" } },
        ],
      },
    ],
    accepted: [{ finding: { key: "open-not-intended" }, until: { text: "2027-06-30" } }],
    notify: [{ kind: "command" }, { kind: "webhook" }, { kind: "mail" }, { kind: "ntfy" }],
    isRecorded: true,
  });
  expect(Object.isFrozen(policy.expect[1]?.open)).toBe(true);
  expect(policyWarnings(policy, { nowMs: Date.parse("2026-11-24"), own: [] })).toEqual([]);
});

test.each([
  ["consent: [{hosts: 192.0.2.1, who: x, until: 2026-01-31}]", 'the consent of "x" ended with 2026-01-31'],
  ["accepted: [{finding: x@10.0.0.1, reason: y, until: 2026-01-31}]", "x@10.0.0.1, ended with 2026-01-31"],
  ["expect: {10.0.0.1: [{ports: tcp/1, until: 2026-01-31}]}", "tcp/1, ended with 2026-01-31"],
  ["expect: {192.0.2.1: [tcp/1]}", "192.0.2.1 is expected, and lies outside of the scope: there is none"],
  ["scope: 192.0.2.2\nexpect: {192.0.2.0/30: [tcp/1]}", "outside of the scope: it begins at f:1:8"],
  ["scope: 192.0.2.0/24\nexpect: {192.0.2.0/30: [tcp/1]}", undefined],
  [
    "expect:\n  10.0.0.0/24: [tcp/20-30]\n  10.0.0.5: [{ports: tcp/22, from: 10.0.0.9}]",
    "tcp/22 of 10.0.0.5 is expected twice, from any and from 10.0.0.9; both hold: see f:2:17",
  ],
  ["expect:\n  10.0.0.0/24: [tcp/20-30]\n  10.0.1.5: [{ports: tcp/22, from: 10.0.0.9}]", undefined],
  ["expect:\n  10.0.0.5: [{ports: tcp/22, from: 10.0.0.9}, {ports: tcp/23}]", undefined],
])("%j is worth a warning", (text, message) => {
  const warnings = policyWarnings(readPolicy(text, "f", "UTC"), { nowMs: Date.parse("2026-11-24"), own: [] });
  expect(warnings.map((one) => one.message)).toEqual(message === undefined ? [] : [expect.stringContaining(message)]);
});

describe("what is hostile", () => {
  test.each([
    ["[".repeat(100_000), "nested more than 32 levels deep"],
    ["- ".repeat(100_000), "nested more than 32 levels deep"],
    ["{a: ".repeat(100_000), "nested more than 32 levels deep"],
    ["? ".repeat(100_000), "nested more than 32 levels deep"],
    [Array.from({ length: 1000 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"), "nested more than 32 levels deep"],
    [`a: &a [x,x]\n${Array.from({ length: 20 }, (_, at) => `b${at}: &b [*a,*a]\n`).join("")}`, "f:1:7: anchors"],
    [Array.from({ length: 12_000 }, (_, at) => `k${at}: 1\n`).join(""), "unknown key"],
  ])("ends soon with an error (%#)", (text, message) => {
    const begunAtMs = performance.now();
    expect(complaint(text)).toContain(message);
    expect(performance.now() - begunAtMs).toBeLessThan(3000);
  });

  test("no text makes it fail otherwise", () => {
    const bits = [
      "syslog",
      ":",
      " ",
      "\n",
      "- ",
      "[",
      "]",
      "{",
      "}",
      "&a",
      "*a",
      "!!x",
      "'",
      '"',
      "|",
      ">",
      "%",
      "---",
      "<<",
      "true",
      "\t",
      "?",
      ",",
      "#",
      "\0",
    ];
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...bits), maxLength: 40 }), (text) => {
        expect(complaint(text)).toMatch(/^(?:nothing|f:\d+:\d+: .*)$/s);
      }),
      { numRuns: 500 },
    );
  });
});
