import { expect, test } from "vitest";
import { type CaseParts, CLOSED, caseOf, keyOf, listener, severityBy } from "../port-case.test.data.js";
import { reachableOnIpv6Only } from "./reachable-on-ipv6-only.js";

const STOPPED = { state: "filtered", isAwaited: true } as const;
const IPV6: CaseParts = {
  at: "2001:db8::10/tcp/9000",
  waiting: [listener("*:9000", "node")],
  more: { byIpv4: [STOPPED] },
};

test.each<[string, CaseParts, string]>([
  ["one socket takes both families, and IPv4 is filtered", IPV6, "certain"],
  ["a socket for each family waits", { ...IPV6, waiting: [listener("[::]:9000", "nginx")] }, "certain"],
  ["IPv4 is rejected with a RST", { ...IPV6, more: { byIpv4: [{ ...STOPPED, state: "closed" }] } }, "certain"],
  ["it is meant to be closed", { ...IPV6, intended: "closed" }, "certain"],
  [
    "one of two IPv4 addresses is awaited",
    { ...IPV6, more: { byIpv4: [{ state: "closed", isAwaited: false }, STOPPED] } },
    "certain",
  ],
  [
    "the inside was not seen, and IPv4 is filtered",
    { ...IPV6, waiting: "unseen", more: { byIpv4: [{ state: "filtered", isAwaited: undefined }] } },
    "likely",
  ],
])("holds where %s", (_, parts, confidence) => {
  expect(reachableOnIpv6Only.judge(caseOf(parts))).toMatchObject({ severity: "high", confidence });
  expect(keyOf(parts)).toBe("reachable-on-ipv6-only");
});

test.each<[string, CaseParts]>([
  [
    "the program takes IPv6 alone",
    { ...IPV6, waiting: [listener("[::]:9000", "node")], more: { byIpv4: [{ state: "closed", isAwaited: false }] } },
  ],
  ["IPv4 is open, too", { ...IPV6, more: { byIpv4: [{ state: "open", isAwaited: true }] } }],
  ["one of its IPv4 addresses is open", { ...IPV6, more: { byIpv4: [STOPPED, { state: "open", isAwaited: true }] } }],
  ["the host has no IPv4, or was not asked by it", { ...IPV6, more: { byIpv4: [] } }],
  [
    "the inside was not seen, and IPv4 is refused as where nothing listens",
    { ...IPV6, waiting: "unseen", more: { byIpv4: [{ state: "closed", isAwaited: undefined }] } },
  ],
  ["somebody wants it open by IPv6", { ...IPV6, intended: "open" }],
  ["it is an IPv4 address", { ...IPV6, at: "192.0.2.10/tcp/9000" }],
  ["IPv6 is closed", { ...IPV6, answer: CLOSED }],
])("does not hold where %s", (_, parts) => {
  expect(severityBy(reachableOnIpv6Only, parts)).toBeUndefined();
});
