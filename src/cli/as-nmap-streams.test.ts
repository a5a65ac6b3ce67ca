import { describe, expect, it } from "vitest";
import { NmapStreams } from "./as-nmap-streams.js";

function open(isOutTaken: boolean) {
  const texts = { out: "", error: "" };
  const outlets = {
    writeOut: (text: string) => {
      texts.out += text;
    },
    writeError: (text: string) => {
      texts.error += text;
    },
  };
  return { texts, streams: new NmapStreams(outlets, isOutTaken) };
}

describe("text in nmap's name", () => {
  it("leaves standard error to what nmap says there", () => {
    const { texts, streams } = open(false);
    streams.writeAside("Warning: a\n");
    expect(texts.out).toBe("");
    streams.writeOut("Starting Nmap\n");
    streams.writeAside("Warning: b\n");
    streams.writeError("Failed\n");
    expect(texts).toEqual({ out: "Starting Nmap\nWarning: a\nWarning: b\n", error: "Failed\n" });
  });

  it("says nothing beside a report for programs", () => {
    const { texts, streams } = open(true);
    streams.writeAside("Warning: a\n");
    streams.writeOut("<?xml?>\n");
    streams.writeAside("Warning: b\n");
    expect(texts).toEqual({ out: "<?xml?>\n", error: "" });
  });
});
