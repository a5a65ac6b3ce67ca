// What the rules of a namespace publish, by the real nft and iptables-save, and whether connections go where they say.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import { createLab, type Lab, type LabHost } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import type { PublishedPort } from "../src/inside/published-port.js";
import type { RulePorts } from "../src/published/published-ports.js";

const SCRIPT = fileURLToPath(new URL("published-ports.ts", import.meta.url));

interface Told extends RulePorts {
  readonly kinds: Readonly<Record<"nft" | "iptables" | "ip6tables", string>>;
}

const NFT = `
table ip web {
  map backends { type inet_service : ipv4_addr . inet_service; elements = { 7001 : 10.9.0.5 . 80 }
  }
  chain pre {
    type nat hook prerouting priority dstnat;
    tcp dport 2222 redirect to :22
    dnat ip to tcp dport map @backends
  }
}`;

describeLab("published ports", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour", hosts: [{ name: "web", summary: "publishes", tcp: [22] }] });
    host = lab.host("web");
  });
  afterAll(() => lab.dispose());

  async function told(uid?: number): Promise<Told> {
    const options = uid === undefined ? {} : { uid };
    const done = await host.run(process.execPath, ["--import", "tsx", SCRIPT], options);
    expect(done).toMatchObject({ status: 0, stderr: "" });
    return JSON.parse(done.stdout);
  }

  function rows({ ports }: Told): readonly string[] {
    return ports.map(({ protocol, hostPorts, target, toAddress, toPorts, isCertain }: PublishedPort) => {
      return `${protocol} ${hostPorts?.[0]} -> ${toAddress ?? target} ${toPorts?.[0]}${isCertain ? "" : " perhaps"}`;
    });
  }

  test("by nft, and a connection goes there", async () => {
    expect(await host.run("nft", ["-f", "-"], { input: NFT })).toMatchObject({ status: 0 });
    const found = await told();
    expect(found).toMatchObject({ isCut: false, isUnreadable: false });
    expect(rows(found)).toEqual(["tcp 2222 -> own 22", "tcp 7001 -> 10.9.0.5 80"]);
    const connect = `require("node:net").connect(2222, "${host.ipv4}").once("connect", () => process.exit(0)).once("error", () => process.exit(1))`;
    expect(await lab.scanner.run(process.execPath, ["-e", connect])).toMatchObject({ status: 0 });
    await host.run("nft", ["delete", "table", "ip", "web"]);
  });

  test.skipIf(!hasProgram("iptables-save"))("by iptables, which nft alone does not tell", async () => {
    const rule = (words: string) => host.run("iptables", ["-t", "nat", ...words.split(" ")]);
    expect(await rule("-N DOCKER")).toMatchObject({ status: 0 });
    await rule("-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER");
    await rule("-A DOCKER -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80");
    const found = await told();
    expect(found.kinds).toMatchObject({ nft: "text", iptables: "text" });
    expect(rows(found)).toEqual(["tcp 8080 -> 172.17.0.2 80"]);
  });

  test.skipIf(!hasProgram("iptables-nft-save"))("by both in one table, each by what it alone can say", async () => {
    // iptables-save lists the first rule as "-p tcp -j ACCEPT", and the second chain not at all.
    const own = `
table ip nat {
  chain PREROUTING {
    tcp dport { 84, 85 } accept
  }
  chain mine {
    type nat hook prerouting priority -90; policy accept;
    tcp dport { 84, 86 } dnat to 10.9.0.5
  }
}`;
    expect(await host.run("nft", ["flush", "ruleset"])).toMatchObject({ status: 0 });
    const nat = (words: string) => host.run("iptables-nft", ["-t", "nat", ...words.split(" ")]);
    expect(await nat("-A PREROUTING -p tcp --dport 81 -j DNAT --to-destination 10.9.0.3:80")).toMatchObject({
      status: 0,
    });
    expect(await host.run("nft", ["-f", "-"], { input: own })).toMatchObject({ status: 0 });
    expect(await nat("-A PREROUTING -p tcp --dport 82 -j REDIRECT --to-ports 22")).toMatchObject({ status: 0 });
    expect(rows(await told())).toEqual([
      "tcp 81 -> 10.9.0.3 80",
      "tcp 82 -> own 22",
      "tcp 84 -> 10.9.0.5 undefined",
      "tcp 86 -> 10.9.0.5 undefined",
    ]);
  });

  test("without rights that is said, and nothing is made up", async () => {
    const found = await told(65_534);
    expect(found.ports).toEqual([]);
    expect(found.kinds.nft).toBe("fault");
  });
});
