// What the kernel does with packets by itself, before, between and without rules: each was seen in the lab
// (test/firewall/differential.test.ts).
import { describe, expect, test } from "vitest";
import { readNftJson } from "../nft-json.js";
import { readNftText } from "../nft-text.js";
import { readEnvironment, readPacket } from "../read-questions.js";
import type { Ruleset } from "../ruleset.js";
import { PacketWalk } from "./packet-walk.js";
import { ask, chain, ENVIRONMENT, input, OUT, THROUGH, table, V4, V6 } from "./walk-questions.test.data.js";

describe("what packets can be", () => {
  const STATES: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ["an ACK out of nowhere is taken for a beginning", { ...V4, flags: ["ack"] }, "new"],
    ["a SYN-ACK begins nothing", { ...V4, flags: ["syn", "ack"] }, "invalid"],
    ["flags that exclude each other", { ...V4, flags: ["syn", "fin"] }, "invalid"],
    ["an error about nothing that is known", { ...V4, proto: "icmp", icmp_type: 3 }, "invalid"],
    ["neighbours are not tracked", { ...V6, proto: "icmpv6", icmp_type: 135 }, "untracked"],
  ];

  test.each(STATES)("%s", (_what, packet, state) => {
    expect(ask(input(`ct state ${state} accept`), packet).verdict).toBe("accept");
  });
});

describe("what the kernel does by itself", () => {
  const NOTHING: Ruleset = { tables: [], notes: [] };
  const WATCHED = table(
    chain("prerouting", "counter", "accept"),
    chain("forward", "counter", "accept"),
    chain("input", "counter", "accept"),
  );

  const DROPPED: readonly (readonly [string, Readonly<Record<string, unknown>>, readonly string[]])[] = [
    ["a loopback source on a link, behind prerouting", { ...V4, src: "127.0.0.1" }, ["prerouting"]],
    ["a loopback destination on a link", { ...V4, dst: "127.0.0.1" }, ["prerouting"]],
    ["an own source on a link", { ...V4, src: "192.168.1.1" }, ["prerouting"]],
    ["a group as the source", { ...V4, src: "224.0.0.1" }, ["prerouting"]],
    ["no address as the source", { ...V4, src: "0.0.0.0" }, ["prerouting"]],
    ["IPv6's loopback address on a link, before any rule", { ...V6, src: "::1" }, []],
    ["what has no hop left, before forward", { ...THROUGH, ttl: 1 }, ["prerouting"]],
    [
      "a link-local source that would leave its link",
      { ...V6, src: "fe80::99", dst: "2001:db8:2::77" },
      ["prerouting"],
    ],
  ];

  test.each(DROPPED)("it drops %s", (_what, packet, chains) => {
    const answer = ask(WATCHED, packet);
    expect(answer.verdict).toBe("drop");
    expect(answer.by).toBeUndefined();
    expect(answer.why).toBeDefined();
    expect([...new Set(answer.path.map(({ chain: name }) => name))]).toEqual(chains);
  });

  test("of 0.0.0.0/8 all but the first are addresses like any other", () => {
    expect(ask(NOTHING, { ...V4, src: "0.255.255.255" }).verdict).toBe("accept");
  });

  test("IPv6 takes an own source from a link, and DHCP comes from no address", () => {
    expect(ask(NOTHING, { ...V6, src: "2001:db8:2::1" }).verdict).toBe("accept");
    const dhcp = { iif: "eth0", proto: "udp", src: "0.0.0.0", dst: "255.255.255.255", sport: 68, dport: 67 };
    expect(ask(NOTHING, dhcp)).toMatchObject({ verdict: "accept", where: "local" });
  });

  test("what came for many goes no further, whatever its address is now", () => {
    const text = chain("prerouting", "dnat ip to 10.1.2.3", "accept", "dstnat").replace("type filter", "type nat");
    expect(ask(table(text), { ...V4, dst: "203.0.113.255" })).toMatchObject({ verdict: "drop" });
  });

  test("without a route it refuses", () => {
    const host = readEnvironment(
      JSON.stringify({ ifaces: [{ name: "eth0", addrs: ["203.0.113.10/24"] }], forward: true }),
      "host",
    );
    const packet = readPacket({ ...V4, dst: "9.9.9.9" }, { file: "test" });
    const answer = new PacketWalk(NOTHING, host).answer(packet);
    expect(answer).toMatchObject({ verdict: "reject", with: "icmp-net-unreachable" });
    expect(answer.by).toBeUndefined();
  });

  test("a hop is taken before the forward chains see it", () => {
    expect(ask(table(chain("forward", "ip ttl 63 accept")), THROUGH).verdict).toBe("accept");
  });

  test("a host that does not forward drops what is for others", () => {
    const host = { ...ENVIRONMENT, isForwarding: false };
    expect(new PacketWalk(NOTHING, host).answer(readPacket(THROUGH, { file: "test" })).verdict).toBe("drop");
  });

  test("what this host sends meets output and postrouting alone", () => {
    const ruleset = table(
      chain("output", "counter", "accept"),
      chain("postrouting", "counter", "accept"),
      chain("input", ""),
    );
    const answer = ask(ruleset, OUT);
    expect(answer).toMatchObject({ verdict: "accept", where: "out", outputInterface: "eth0" });
    expect(answer.path.map(({ chain: name }) => name)).toEqual(["output", "output", "postrouting", "postrouting"]);
  });
});

describe("netdev chains", () => {
  const TEXT =
    'table netdev n {\n\tchain i {\n\t\ttype filter hook ingress device "eth0" priority 0; policy accept;\n\t\tip saddr 198.51.100.7 drop\n\t}\n}';
  const JSON_LISTING = JSON.stringify({
    nftables: [
      { table: { family: "netdev", name: "n", handle: 1 } },
      {
        chain: {
          family: "netdev",
          table: "n",
          name: "i",
          handle: 1,
          type: "filter",
          hook: "ingress",
          prio: 0,
          policy: "accept",
        },
      },
      {
        rule: {
          family: "netdev",
          table: "n",
          chain: "i",
          handle: 2,
          expr: [
            { match: { op: "==", left: { payload: { protocol: "ip", field: "saddr" } }, right: "198.51.100.7" } },
            { drop: null },
          ],
        },
      },
    ],
  });

  test("come first, on their own devices", () => {
    expect(ask(readNftText(TEXT), V4).verdict).toBe("drop");
    expect(ask(readNftText(TEXT), { ...V4, iif: "eth1" }).verdict).toBe("accept");
  });

  test("without their devices, as `nft -j` lists them, the end is only known where it does not hang on them", () => {
    expect(ask(readNftJson(JSON_LISTING), V4)).toMatchObject({ verdict: "unknown" });
    expect(ask(readNftJson(JSON_LISTING), { ...V4, src: "198.51.100.8" }).verdict).toBe("accept");
  });
});
