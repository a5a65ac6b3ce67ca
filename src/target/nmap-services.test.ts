import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isFault } from "./fault.js";
import { type NmapServices, readNmapServices } from "./nmap-services.js";
import { ServiceTable } from "./service-table.js";

/** Made up: nothing of nmap's own file is here. */
const TEXT = `# a comment
web\t80/tcp\t0.5\t# with a comment
mail 25/tcp 1/4
name\t53/udp\t0.75
name\t53/tcp\t0.25
rare 7777/tcp 0.000000
ship 9/sctp .125
odd 1/ddp
`;

function read(text: string): NmapServices {
  const services = readNmapServices(text);
  if (isFault(services)) throw new Error(services.fault);
  return services;
}

describe("readNmapServices", () => {
  it("reads names", () => {
    const table = new ServiceTable(read(TEXT).serviceRows);
    expect(table.nameOf(80, "tcp")).toBe("web");
    expect(table.nameOf(53, "udp")).toBe("name");
    expect(table.nameOf(9, "sctp")).toBe("ship");
    expect(table.nameOf(1, "tcp")).toBeUndefined();
  });

  it("ranks ports by their frequencies, and knows those above one", () => {
    const { ranking, portsFrom } = read(TEXT);
    expect(ranking?.top("tcp", 3)).toEqual([80, 25, 53]); // equal ones in the order of the file
    expect(ranking?.rankedCount("tcp")).toBe(3); // what was never seen open has no rank
    expect(portsFrom("tcp", 0.25)).toEqual([80, 25, 53]);
    expect(portsFrom("tcp", 0)).toEqual([80, 25, 53, 7777]);
    expect(portsFrom("udp", 0.8)).toEqual([]);
  });

  it("reads /etc/services, which has no frequencies", () => {
    const { ranking, portsFrom, serviceRows } = read(
      "ssh 22/tcp\t\t# secure\nhttp\t80/tcp www\nhttp 80/udp 3com www\n",
    );
    expect(ranking).toBeUndefined();
    expect(portsFrom("tcp", 0)).toBeUndefined();
    expect(new ServiceTable(serviceRows).nameOf(80, "tcp")).toBe("http");
  });

  it.each([
    "http",
    "http 80",
    "http 65536/tcp",
    "80/tcp",
    "ht\u001btp 80/tcp",
    "http\u202e 80/tcp",
    "http 80/tcp\u0000x",
  ])("names the line of %j", (line) => {
    expect(readNmapServices(`a 1/tcp\n\n${line}\n`)).toMatchObject({
      line: 3,
      fault: expect.stringContaining("expected"),
    });
  });

  it("throws for no text", () => {
    const rows = fc.array(fc.oneof(fc.string(), fc.stringMatching(/^[a-z]{1,3} \d{1,6}\/(tcp|udp|x)( [\d./]{1,5})?$/)));
    fc.assert(
      fc.property(rows, (lines) => {
        readNmapServices(lines.join("\n"));
      }),
    );
  });
});
