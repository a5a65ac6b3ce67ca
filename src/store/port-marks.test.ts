import fc from "fast-check";
import { expect, it } from "vitest";
import { PortMarks } from "./port-marks.js";
import { rangesOf } from "./ranges.js";

const ports = fc.oneof(fc.integer({ min: 250, max: 260 }), fc.integer({ min: 0, max: 65535 }));

it("marks what a map would hold", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(ports, fc.nat(3))), (steps) => {
      let pageCount = 0;
      const marks = new PortMarks(() => pageCount++);
      const model = new Map<number, number>();
      for (const [port, tries] of steps) {
        const before = model.get(port) ?? 0;
        if (tries === 0) expect(marks.decide(port)).toBe(before !== 255);
        else marks.silence(port, tries);
        model.set(port, Math.max(before, tries === 0 ? 255 : tries));
      }
      const withMark = (mark: number) => rangesOf([...model].filter(([, own]) => own === mark).map(([port]) => port));
      expect(marks.decided()).toEqual(withMark(255));
      const silent = [1, 2, 3].map((tries) => ({ tries, ranges: withMark(tries) }));
      expect(marks.silent()).toEqual(silent.filter(({ ranges }) => ranges.length > 0));
      expect(marks.decidedCount).toBe([...model.values()].filter((mark) => mark === 255).length);
      expect([marks.pageCount, pageCount]).toEqual(
        Array(2).fill(new Set([...model.keys()].map((port) => port >> 8)).size),
      );
    }),
    { seed: 8 },
  );
});
