import { expect, test } from "vitest";
import { type CaseParts, CLOSED, listener, severityBy } from "../port-case.test.data.js";
import { ownerUnknown } from "./owner-unknown.js";

const NOBODY = listener("0.0.0.0:1003", undefined);

test.each<[string, CaseParts, string]>([
  ["nobody knows who has it, and it answers", { waiting: [NOBODY] }, "medium"],
  ["nobody knows, and it does not answer", { waiting: [NOBODY], answer: CLOSED }, "low"],
  ["nobody knows of any of its sockets", { waiting: [NOBODY, { ...NOBODY, bound: "192.0.2.10:1003" }] }, "medium"],
])("holds where %s", (_, parts, severity) => {
  expect(severityBy(ownerUnknown, parts)).toBe(severity);
});

test.each<[string, CaseParts]>([
  ["a process has it", {}],
  ["a part of the kernel has it", { waiting: [listener("0.0.0.0:2049", "NFS server", { pid: undefined })] }],
  ["one of its sockets has an owner", { waiting: [NOBODY, listener("0.0.0.0:1003", "nginx")] }],
  ["nothing waits", { waiting: [] }],
  ["the inside was not seen", { waiting: "unseen" }],
])("does not hold where %s", (_, parts) => {
  expect(severityBy(ownerUnknown, parts)).toBeUndefined();
});
