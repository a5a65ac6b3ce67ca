// A lossy path must not change a state: what was merely lost is asked again, and the report says that there was loss.
import { expect, test } from "vitest";
import { LOSS_ARGUMENTS, LOSS_FILTERED_COUNT, LOSS_HOST, LOSS_LISTED, LOSS_PER_MILLE } from "../bench/loss-row.js";
import { NOBODY_UID } from "../lab/machine.js";
import { createLab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, postern } from "./postern.js";
import { probeCounts, statesOf } from "./report.js";

const HIDDEN = new RegExp(`^Not shown: ${LOSS_FILTERED_COUNT} filtered tcp ports \\(no-response\\)$`);

/** Three runs of a thousand ports, most of which cost every try. */
const TIMEOUT_MS = 100_000;

describeLab("5 % of all packets are lost, each way", () => {
  test.each([
    ["SYN", {}],
    ["connect", { uid: NOBODY_UID }],
  ])(
    "%s: every state is right, three times of three",
    async (_name, options) => {
      await using lab = await createLab({ topology: "neighbour", hosts: [LOSS_HOST], lossPerMille: LOSS_PER_MILLE });
      for (let run = 0; run < 3; run++) {
        const seen = await postern(lab.scanner, [...LOSS_ARGUMENTS, lab.host().ipv4], options);
        expect(statesOf(onlyHost(seen))).toEqual(LOSS_LISTED);
        expect(onlyHost(seen).lines.some((line) => HIDDEN.test(line))).toBe(true);
        expect(probeCounts(seen.stdout).resent).toBeGreaterThan(940);
      }
    },
    TIMEOUT_MS,
  );

  test(
    "heavy loss is said, silence has a name of its own there, and the estimate is near the truth",
    async () => {
      const lossPerMille = { toHosts: 300, toScanner: 300 }; // of 100 probes 51 get no answer
      await using lab = await createLab({ topology: "neighbour", hosts: [LOSS_HOST], lossPerMille });
      const args = ["-Pn", "-v", "-p1-1000", "--max-retries", "2", lab.host().ipv4];
      // One run in ten takes such loss for a bottleneck's, and is slow (docs/engine.md, limits).
      const seen = await postern(lab.scanner, args, { timeoutMs: TIMEOUT_MS });
      expect(probeCounts(seen.stdout).sent).toBeLessThanOrEqual(3 * 1000);
      expect(seen.stdout).toMatch(/^Not shown: \d+ filtered tcp ports \(no-response-lossy\)$/m);
      const [, share, missed] = /^This run was lossy: about (\d+) % .* about (\d+) ports/m.exec(seen.stdout) ?? [];
      const missing = Object.keys(LOSS_LISTED).length - onlyHost(seen).ports.size; // 8 on average
      expect(Number(share)).toBeGreaterThan(25);
      expect(Number(share)).toBeLessThan(85);
      expect(Number(missed)).toBeGreaterThan(missing / 5);
      expect(Number(missed)).toBeLessThan(Math.max(1, missing) * 6);
    },
    TIMEOUT_MS,
  );
});
