import { expect, test } from "vitest";
import { type CaseParts, caseOf, listener, severityBy } from "../port-case.test.data.js";
import { serviceMismatch } from "./service-mismatch.js";

const PERL = listener("0.0.0.0:22", "perl");

test.each<[string, CaseParts, string]>([
  ["a port has a program that nobody runs there", { waiting: [PERL] }, "low"],
  [
    "the settings file names another one",
    { waiting: [listener("0.0.0.0:8080", "perl")], at: "192.0.2.10/tcp/8080", expectedProcesses: ["nginx"] },
    "medium",
  ],
  ["one of two sockets does not fit", { waiting: [listener("0.0.0.0:22", "sshd"), PERL] }, "low"],
  [
    "a program that passes on has what another is expected to have",
    { waiting: [listener("0.0.0.0:22", "socat")], expectedProcesses: ["sshd"] },
    "medium",
  ],
])("holds where %s", (_, parts, severity) => {
  expect(severityBy(serviceMismatch, parts)).toBe(severity);
});

test.each<[string, CaseParts]>([
  ["the usual program has it", {}],
  ["anybody may have the port", { waiting: [listener("0.0.0.0:8080", "perl")], at: "192.0.2.10/tcp/8080" }],
  ["the settings file names it", { waiting: [PERL], expectedProcesses: ["sshd", "perl"] }],
  [
    "systemd listens until somebody comes",
    { waiting: [listener("*:22", "systemd", { pid: 1 })], expectedProcesses: ["sshd"] },
  ],
  [
    "the kernel keeps 15 bytes of the name",
    {
      waiting: [listener("127.0.0.53:53", "systemd-resolve")],
      at: "192.0.2.10/udp/53",
      expectedProcesses: ["systemd-resolved"],
    },
  ],
  ["docker-proxy stands for another", { waiting: [listener("0.0.0.0:22", "docker-proxy")] }],
  ["nobody knows who has it", { waiting: [listener("0.0.0.0:22", undefined)] }],
  ["the kernel has it", { waiting: [listener("0.0.0.0:22", "probably NFS server", { pid: undefined })] }],
  ["it is another protocol", { waiting: [PERL], at: "192.0.2.10/udp/22" }],
  ["nothing waits", { waiting: [], expectedProcesses: ["sshd"] }],
  ["the inside was not seen", { waiting: "unseen", expectedProcesses: ["sshd"] }],
])("does not hold where %s", (_, parts) => {
  expect(severityBy(serviceMismatch, parts)).toBeUndefined();
});

test("is sure only of what is written down", () => {
  expect(serviceMismatch.judge(caseOf({ waiting: [PERL] }))?.confidence).toBe("possible");
  expect(serviceMismatch.judge(caseOf({ waiting: [PERL], expectedProcesses: ["sshd"] }))?.confidence).toBe("certain");
});
