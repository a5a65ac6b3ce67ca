import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sumBytes } from "../packet/checksum.js";
import { writeUnknownOption } from "../packet/destination-options.js";
import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import {
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_UNREACHABLE,
  writeIcmpv6Echo,
  writeIcmpv6EchoReply,
  writeIcmpv6Error,
  writeIcmpv6Head,
} from "../packet/icmpv6.js";
import { PROTOCOL_DESTINATION_OPTIONS, PROTOCOL_HOP_BY_HOP, PROTOCOL_ICMPV6, writeIpv6 } from "../packet/ipv6.js";
import { MLD_QUERY, MLD_REPORT_V2, writeRouterAlert } from "../packet/mld.js";
import { writeNeighbourAdvertisement, writeNeighbourSolicitation } from "../packet/neighbour-discovery.js";
import { formatIpv6, parseIpv6 } from "../target/ipv6.js";
import { LinkAnswers, type LinkSign } from "./link-answers.js";

const IDENTIFIER = 0x1234;
const OWN = "fe80::1";
const HOST = "fe80::2";
const MAC = Uint8Array.of(2, 0, 0, 0, 0, 2);

const ipv6 = (text: string): Uint8Array => parseIpv6(text) ?? new Uint8Array();

interface Head {
  readonly source?: string;
  readonly target?: string;
  readonly hopLimit?: number;
  readonly protocol?: number;
}

/** A packet whose payload a function writes, which returns its length. */
function packet(head: Head, write: (out: Uint8Array, at: number, sum: number) => number): Uint8Array {
  const out = new Uint8Array(400);
  const { source = HOST, target = OWN, hopLimit = 64, protocol = PROTOCOL_ICMPV6 } = head;
  const fields = { flowLabel: 0, hopLimit, protocol, source: ipv6(source), target: ipv6(target), payloadBytes: 0 };
  writeIpv6(fields, out, 0);
  const payloadBytes = write(out, 40, sumBytes(out, 8, 40));
  writeIpv6({ ...fields, payloadBytes }, out, 0);
  return out.slice(0, 40 + payloadBytes);
}

const reply = (head: Head, identifier: number = IDENTIFIER): Uint8Array =>
  packet(head, (out, at, sum) => writeIcmpv6EchoReply({ identifier, sequence: 0 }, 0, sum, out, at));

/** Our echo behind an option, as a host quotes it. */
function question(target = "ff02::1", identifier: number = IDENTIFIER): Uint8Array {
  return packet({ source: OWN, target, protocol: PROTOCOL_DESTINATION_OPTIONS }, (out, at, sum) => {
    const echoAt = at + writeUnknownOption(out, at, PROTOCOL_ICMPV6);
    return 8 + writeIcmpv6Echo({ identifier, sequence: 1 }, 0, sum, out, echoAt);
  });
}

const problem = (quoted: Uint8Array, code = 2, type: number = ICMPV6_PARAMETER_PROBLEM): Uint8Array =>
  packet({}, (out, at, sum) => writeIcmpv6Error(type, code, quoted, sum, out, at, 42));

const report = (head: Head, type: number = MLD_REPORT_V2): Uint8Array =>
  packet({ hopLimit: 1, protocol: PROTOCOL_HOP_BY_HOP, target: "ff02::16", ...head }, (out, at, sum) => {
    writeRouterAlert(out, at, PROTOCOL_ICMPV6);
    return 8 + writeIcmpv6Head(type, 0, 28, sum, out, at + 8);
  });

const solicitation = (head: Head): Uint8Array =>
  packet({ hopLimit: 255, ...head }, (out, at, sum) => writeNeighbourSolicitation(ipv6(OWN), undefined, sum, out, at));

const advertisement = (target: string, head: Head = {}): Uint8Array =>
  packet({ hopLimit: 255, ...head }, (out, at, sum) => writeNeighbourAdvertisement(ipv6(target), MAC, 0, sum, out, at));

function read(bytes: Uint8Array, etherType: number = ETHER_TYPE_IPV6): readonly [LinkSign, string] | undefined {
  const answers = new LinkAnswers(IDENTIFIER);
  const facts = { etherType, isChecksumTrusted: false, isCut: false, receivedAtMs: 0 };
  const sign = answers.read(bytes, 0, bytes.length, facts);
  return sign && [sign, formatIpv6(bytes.slice(answers.addressAt, answers.addressAt + 16))];
}

const SIGNS: readonly (readonly [name: string, packet: Uint8Array, sign: LinkSign, address: string])[] = [
  ["an echo reply", reply({}), "echo-reply", HOST],
  ["one from a global address", reply({ source: "2001:db8::2" }), "echo-reply", "2001:db8::2"],
  ["a parameter problem", problem(question()), "parameter-problem", HOST],
  ["a report of groups", report({}), "mld-report", HOST],
  ["a report of version 1", report({}, 131), "mld-report", HOST],
  ["a question for a neighbour", solicitation({}), "neighbour-discovery", HOST],
  ["an advertisement", advertisement("fd00::2"), "neighbour-discovery", "fd00::2"],
];

describe("a node of the link is shown by", () => {
  test.each(SIGNS)("%s", (_name, bytes, sign, address) => {
    expect(read(bytes)).toEqual([sign, address]);
  });

  test.each(SIGNS)("%s, but by no part of it, and not with a bad checksum", (_name, bytes) => {
    for (let end = 0; end < bytes.length; end++) expect(read(bytes.slice(0, end))).toBeUndefined();
    expect(read(bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1))).toBeUndefined();
    expect(read(bytes, ETHER_TYPE_IPV4)).toBeUndefined();
  });
});

describe("no node of the link is shown by", () => {
  test.each([
    ["the reply to somebody else's echo", reply({}, 0x1235)],
    ["a reply from a group", reply({ source: "ff02::1" })],
    ["a reply from nobody", reply({ source: "::" })],
    ["a reply from ::1", reply({ source: "::1" })],
    ["the report of a problem with another packet", problem(question("fe80::9"))],
    ["the report of a problem with somebody else's echo", problem(question("ff02::1", 1))],
    ["the report of another problem", problem(question(), 1)],
    ["another error", problem(question(), 2, ICMPV6_UNREACHABLE)],
    ["a report without what it quotes", problem(question().slice(0, 40))],
    ["a report of groups from beyond a router", report({ hopLimit: 64 })],
    ["a report of groups from a global address", report({ source: "2001:db8::2" })],
    ["a report of groups from nobody", report({ source: "::" })],
    ["a query", report({}, MLD_QUERY)],
    ["a question from beyond a router", solicitation({ hopLimit: 254 })],
    ["a question from nobody", solicitation({ source: "::" })],
    ["an advertisement from beyond a router", advertisement("fd00::2", { hopLimit: 254 })],
    ["an advertisement of a group", advertisement("ff02::2")],
  ])("%s", (_name, bytes) => {
    expect(read(bytes)).toBeUndefined();
  });
});

test("whatever comes, nothing is thrown", () => {
  const damaged = fc
    .tuple(fc.constantFrom(...SIGNS.map(([, bytes]) => bytes)), fc.array(fc.tuple(fc.nat(), fc.nat(255))))
    .map(([bytes, changes]) => {
      const out = bytes.slice();
      for (const [at, value] of changes) out[at % out.length] = value;
      return out;
    });
  const answers = new LinkAnswers(IDENTIFIER);
  const facts = { etherType: ETHER_TYPE_IPV6, isChecksumTrusted: true, isCut: false, receivedAtMs: 0 };
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
      const sign = answers.read(bytes, 0, bytes.length, facts);
      if (sign !== undefined) expect(answers.addressAt).toBeLessThanOrEqual(bytes.length - 16);
    }),
    { seed: 1, numRuns: 1000 },
  );
});
