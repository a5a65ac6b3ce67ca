// `postern` alone: what listens on a host of the lab beside what it answers, where the two differ, and what it leaves alone.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstWord } from "../lab/availability.js";
import { NOBODY_UID, type RunOptions } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { POSTERN } from "./postern.js";

const SERVICES = fileURLToPath(new URL("overview-services.mjs", import.meta.url));
const ASKING = fileURLToPath(new URL("ask-doors.ts", import.meta.url));
const HOST = "10.9.0.2";
const PLACES = {
  tcp: [
    ["127.0.0.1", 5432],
    ["127.0.0.1", 631],
    [HOST, 6379],
    ["0.0.0.0", 8080],
    ["0.0.0.0", 8081],
    ["0.0.0.0", 8082],
  ],
  udp: [["0.0.0.0", 53]],
  silent: [["0.0.0.0", 514]],
};
const PLACES_IPV6 = { tcp: [["::", 9090]] };

/** Port 8080 is dropped and 8082 rejected on one address, 8081 is reset everywhere; 5432 is led to loopback. */
const RULES = `
table inet filter {
  chain input {
    type filter hook input priority 0
    ip daddr ${HOST} tcp dport 8080 drop
    tcp dport 8081 reject with tcp reset
    ip daddr ${HOST} tcp dport 8082 reject with icmp type admin-prohibited
  }
}
table ip led {
  chain output {
    type nat hook output priority -100
    ip daddr ${HOST} tcp dport 5432 dnat to 127.0.0.1:5432
  }
}
`;

describeLab("postern alone", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour", hosts: [{ name: "db", summary: "listens here and there" }] });
    const places = lab.hasIpv6 ? { ...PLACES, tcp: [...PLACES.tcp, ...PLACES_IPV6.tcp] } : PLACES;
    const ruled = await lab.host().run("nft", ["-f", "-"], { input: RULES });
    expect(ruled).toMatchObject({ status: 0, stderr: "" });
    const services = lab.host().spawn(process.execPath, [SERVICES, JSON.stringify(places)]);
    await firstWord(services, "services", 20_000);
  });
  afterAll(() => lab?.dispose());

  /** What it shows on the host. */
  async function overview(options: RunOptions = {}): Promise<string> {
    const { status, stderr, stdout } = await lab.host().run(POSTERN, [], options);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout;
  }

  /** Mark, reach and answers by port. */
  function rowsOf(text: string): Readonly<Record<string, string>> {
    const row = /^([!? ]) {2}(\d+\/\w+) .* {2}(everywhere|this machine|link)(?: eth0)? {2,}(.*)$/gm;
    return Object.fromEntries([...text.matchAll(row)].map(([, mark, port, , answers]) => [port, `${mark} ${answers}`]));
  }

  test("inside and answers side by side", async () => {
    const text = await overview();
    expect(rowsOf(text)).toEqual({
      "53/udp": "! yes",
      "514/udp": "! no answer (usual for UDP)",
      "631/tcp": "  yes",
      "5432/tcp": `  yes, and on ${HOST}`,
      "6379/tcp": "! yes",
      "8080/tcp": `! filtered on ${HOST}`,
      "8081/tcp": "! closed",
      "8082/tcp": `! rejected on ${HOST}`,
      ...(lab.hasIpv6 ? { "9090/tcp": "! yes" } : {}), // on the address of the link, too
    });
    expect(text).toMatch(/^ {3}5432\/tcp +postgresql +\S+\[\d+\] +root /m);
    expect(text).toMatch(/^5432\/tcp .*: listens on 127\.0\.0\.1 alone, but 10\.9\.0\.2 answers, too: /m);
    expect(text).toMatch(/^8080\/tcp .*: listens on 10\.9\.0\.2, but nothing comes back: /m);
    expect(text).toMatch(/^8081\/tcp .*: listens on 10\.9\.0\.2 and 127\.0\.0\.1, but is refused there \(a RST /m);
    expect(text).toMatch(/^8082\/tcp .*: listens on .*administratively prohibited\): by a firewall of this machine$/m);
    expect(text).toMatch(/^tcp +10\.9\.0\.2:5432 +127\.0\.0\.1:5432 /m);
    expect(text).toMatch(/\d+ probes by SYN and UDP in 0\.\d\d s\)/);
    expect(text).toMatch(/^ {2}postern sockets --port \d+ /m);
    expect(text).toContain("  postern firewall reach ");
  });

  test("without rights it connects, and says what is missing", async () => {
    const text = await overview({ uid: NOBODY_UID });
    expect(rowsOf(text)).toMatchObject({
      "53/udp": "! not asked",
      "631/tcp": "  yes",
      "5432/tcp": `  yes, and on ${HOST}`,
      "8080/tcp": `! filtered on ${HOST}`,
      "8081/tcp": "! closed",
      "8082/tcp": `! rejected on ${HOST}`,
    });
    expect(text).toContain("(not permitted)");
    expect(text).toMatch(/\d+ probes by connect in 0\.\d\d s\)/);
    expect(text).toMatch(/^Not asked: UDP ports: /m);
    expect(text).toMatch(/^Not known: the processes of \d+ sockets: /m);
    expect(text).toContain("\n  sudo postern ");
  });

  test("where nothing listens it says so, and sends nothing", async () => {
    const { status, stdout, stderr } = await lab.scanner.run(POSTERN, []);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Nothing listens here: /);
    expect(stdout).not.toContain("probe");
    expect(stdout).toMatch(/^Network namespace .*-db \(.*\): 53\/udp domain, /m); // but elsewhere something does
  });

  test("no packet leaves by the link", async () => {
    const counters = "cat /sys/class/net/eth0/statistics/tx_packets";
    const before = await lab.host().run("sh", ["-c", counters]);
    await overview();
    await overview({ uid: NOBODY_UID });
    const after = await lab.host().run("sh", ["-c", counters]);
    expect(after.stdout).toBe(before.stdout);
  });

  test("an address that is this machine's no more is not asked", async () => {
    const peer = "10.9.0.1"; // stands for it
    const done = await lab.host().run(process.execPath, ["--import", "tsx", ASKING, peer, HOST]);
    expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(done.stdout)).toEqual({
      asked: [`${HOST} tcp 6379`],
      faults: [`${peer} cannot be reached: it is no address of this machine`],
    });
  });

  test("a thousand doors and more than it asks: about a second, and it says what it left out", async () => {
    const tcp = [...Array(1100).keys()].map((at) => ["0.0.0.0", 20_000 + at]);
    const services = lab.host().spawn(process.execPath, [SERVICES, JSON.stringify({ tcp })]);
    await firstWord(services, "services", 20_000);
    const { stdout, elapsedMs } = await lab.host().run(POSTERN, []);
    services.stdin?.end();
    expect(rowsOf(stdout)["21099/tcp"]).toBe("! yes");
    expect(stdout).toMatch(/^\d+ probes of less important addresses were left out\.$/m);
    expect(elapsedMs).toBeLessThan(5000); // 0.7 s where nothing else runs
  });
});
