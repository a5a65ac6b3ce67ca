import { describe, expect, test } from "vitest";
import { Witness } from "./witness.js";

const SYN = 0;
const OWN_TTL = 57;
const FIREWALL_TTL = 62;

describe("a witness", () => {
  test("knows no stranger before it has seen the host itself", () => {
    const witness = new Witness(0, "");
    expect(witness.isForeign(OWN_TTL)).toBe(false);
    expect(witness.isForeign(FIREWALL_TTL)).toBe(false);
  });

  test("takes the first packet of the host's own for what all others must be like", () => {
    const witness = new Witness(0, "");
    witness.seeOwn(0, "a packet without a time to live");
    witness.seeOwn(OWN_TTL, "the SYN-ACK of port 80");
    witness.seeOwn(FIREWALL_TTL, "the SYN-ACK of port 443");
    expect(witness).toMatchObject({ ownTtl: OWN_TTL, ownSeenIn: "the SYN-ACK of port 80" });
    expect([OWN_TTL, FIREWALL_TTL].map((ttl) => witness.isForeign(ttl))).toEqual([false, true]);
  });

  test("hands out what it held, once, in groups with the same evidence", () => {
    const witness = new Witness(0, "");
    for (const port of [1, 2, 3]) witness.hold(SYN, port, "closed", OWN_TTL, 1);
    witness.hold(SYN, 4, "closed", FIREWALL_TTL, 1);
    witness.hold(SYN, 5, "closed", OWN_TTL, 2);
    expect(witness.isHolding).toBe(true);
    const groups = witness.release().map(({ ttl, tries, ports }) => [ttl, tries, [...ports.values()]]);
    expect(groups).toEqual([
      [OWN_TTL, 1, [1, 2, 3]],
      [FIREWALL_TTL, 1, [4]],
      [OWN_TTL, 2, [5]],
    ]);
    expect(witness.isHolding).toBe(false);
    expect(witness.release()).toEqual([]);
  });

  test("without the host's own word takes those for the host's that came farthest", () => {
    const witness = new Witness(0, "");
    witness.hold(SYN, 1, "closed", FIREWALL_TTL, 1);
    witness.hold(SYN, 2, "closed", OWN_TTL, 1);
    witness.settleByDistance();
    expect([OWN_TTL, FIREWALL_TTL].map((ttl) => witness.isForeign(ttl))).toEqual([false, true]);
  });

  test("suspects nobody where all RSTs came the same way", () => {
    const witness = new Witness(0, "");
    witness.hold(SYN, 1, "closed", FIREWALL_TTL, 1);
    witness.settleByDistance();
    expect(witness.isForeign(FIREWALL_TTL)).toBe(false);
    expect(witness.ownTtl).toBe(0);
  });

  test.each([
    [1, "1 port was reset by somebody else"],
    [7, "7 ports were reset by somebody else"],
  ])("of %i ports says so in words", (count, beginning) => {
    const witness = new Witness(OWN_TTL, "its echo-reply");
    expect(witness.isForeign(FIREWALL_TTL)).toBe(true);
    witness.foreignCount = count;
    expect(witness.mark()).toEqual({
      code: "reset-by-other",
      text: `${beginning} in the host's name: ttl 62, while the host's own packets arrive with ttl 57 (its echo-reply)`,
    });
  });
});
