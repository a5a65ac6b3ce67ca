import { expect, test } from "vitest";
import {
  EACCES,
  EADDRINUSE,
  EAGAIN,
  ECANCELED,
  ECONNREFUSED,
  ECONNRESET,
  EHOSTUNREACH,
  EINPROGRESS,
  EINVAL,
  ENETUNREACH,
  ENOBUFS,
  EPERM,
  ETIMEDOUT,
} from "../linux/errno.js";
import type { Address } from "../target/address.js";
import { tcpConnect } from "./tcp-connect.js";
import { createAnswer, UNKNOWN_RESPONDER } from "./technique.js";

const EMFILE = 24;
const EADDRNOTAVAIL = 99;
const SOMEBODY: Address = { family: 4, value: 99 };

test.each([
  [0, "open", "conn-accepted"],
  [ECONNREFUSED, "closed", "conn-refused"],
  [ECONNRESET, "closed", "reset"],
  [EHOSTUNREACH, "filtered", "host-unreach"],
  [ENETUNREACH, "filtered", "net-unreach"],
  [ETIMEDOUT, "filtered", "no-response"],
  [EPERM, "filtered", "local-firewall"],
  [EACCES, "filtered", "local-firewall"],
])("errno %i means %s, reason %s", (errno, outcome, reason) => {
  const answer = { ...createAnswer(), responder: SOMEBODY, ttl: 99 };
  expect(tcpConnect.judge(errno, undefined, answer)).toBe(true);
  const responder = outcome === "filtered" ? UNKNOWN_RESPONDER : undefined; // by whom, connect(2) does not say
  expect(answer).toMatchObject({ outcome, reason, responder, ttl: 0 });
});

test.each([EMFILE, EADDRNOTAVAIL, EADDRINUSE, ENOBUFS, EAGAIN, EINPROGRESS, EINVAL, ECANCELED])(
  "errno %i is this machine's trouble and says nothing of the port",
  (errno) => {
    const answer = createAnswer();
    const before = structuredClone(answer);
    expect(tcpConnect.judge(errno, undefined, answer)).toBe(false);
    expect(answer).toEqual(before);
  },
);

test.each([
  [4, 3, 3, "port-unreach"],
  [4, 3, 1, "host-unreach"],
  [4, 3, 13, "admin-prohibited"],
  [4, 11, 0, "time-exceeded"],
  [6, 1, 4, "port-unreach"],
  [6, 1, 1, "admin-prohibited"],
  [6, 3, 0, "time-exceeded"],
] as const)(
  "behind a refusal, ICMPv%i of type %i and code %i means filtered, reason %s",
  (family, type, code, reason) => {
    const answer = { ...createAnswer(), ttl: 99 };
    expect(tcpConnect.judge(ECONNREFUSED, { family, type, code, from: SOMEBODY }, answer)).toBe(true);
    expect(answer).toMatchObject({ outcome: "filtered", reason, responder: SOMEBODY, ttl: 0 });
  },
);

test("an ICMP error that decides nothing leaves it to the errno", () => {
  const answer = createAnswer();
  expect(tcpConnect.judge(ECONNREFUSED, { family: 4, type: 5, code: 0, from: SOMEBODY }, answer)).toBe(true);
  expect(answer).toMatchObject({ outcome: "closed", reason: "conn-refused", responder: undefined });
});
