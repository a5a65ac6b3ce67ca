// What a test file needs to use the lab: without a lab its tests are skipped with the reason; with CI=true they fail.
import process from "node:process";
import { describe, test } from "vitest";
import { labAvailability } from "./availability.js";

/** True where a missing lab is a failure: nobody reads the skipped tests of a CI run. */
function isLabDemanded(): boolean {
  return process.env.CI === "true";
}

/** `describe` for tests that need the lab. Build it in `beforeAll`, or in the test itself with `await using`. */
export function describeLab(name: string, build: () => void): void {
  const availability = labAvailability();
  if (availability.available) {
    describe(name, build);
    return;
  }
  const title = `${name} [no lab: ${availability.reason}]`;
  if (isLabDemanded()) {
    test(title, () => {
      throw new Error(`CI=true demands the lab, and it cannot be built here: ${availability.reason}`);
    });
    return;
  }
  process.stderr.write(`skipped: ${title}\n`); // the reporter counts them
  describe.skip(title, build);
}
