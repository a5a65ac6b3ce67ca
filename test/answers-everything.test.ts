// A host that takes every connection: its open ports are not listed as if they were services.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, postern } from "./postern.js";

const REDIRECT = `table ip doors {
  chain in {
    type nat hook prerouting priority dstnat
    tcp dport 1-65535 redirect to :22
  }
}
`;

describeLab("a host that answers on every port", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
    const { status, stderr } = await lab.host().run("nft", ["-f", "-"], { input: REDIRECT });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
  afterAll(() => lab?.dispose());

  test.each(["-sS", "-sT"])("is marked by %s, and a sample has completed a second handshake", async (option) => {
    const seen = await postern(lab.scanner, [option, "-p1-2000", lab.host().ipv4]);
    const text = onlyHost(seen).lines.join("\n");
    expect(text).toContain("Not shown: 2000 open");
    expect(text).toMatch(
      /^2000 of 2000 TCP ports answer as open, and 8 of a sample of 8 completed a second handshake/m,
    );
    expect(text).not.toMatch(/^\d+\/tcp/m);
  });

  test("is not doubted when few ports are asked for", async () => {
    const seen = await postern(lab.scanner, ["-p1-20", lab.host().ipv4]);
    const rows = onlyHost(seen).lines.filter((line) => /^\d+\/tcp +open/.test(line));
    expect(rows).toHaveLength(20);
  });
});
