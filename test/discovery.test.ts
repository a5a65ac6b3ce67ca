// Which hosts are up: by ARP on the link, by ICMP and TCP behind a router, by connecting without privileges.
import { afterAll, beforeAll, expect, test } from "vitest";
import { NOBODY_UID } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, postern } from "./postern.js";
import { probeCounts, statesOf } from "./report.js";

describeLab("discovery behind a router", () => {
  let lab: Lab;
  const all = "10.10.0.10-15";

  beforeAll(async () => {
    lab = await createLab({ topology: "routed" });
  });
  afterAll(() => lab?.dispose());

  test("-sn finds all that are up, the silent and the dark one too", async () => {
    const seen = await postern(lab.scanner, ["-sn", "-v", "--reason", all]);
    expect(seen.upAddresses).toEqual(["10.10.0.10", "10.10.0.11", "10.10.0.12", "10.10.0.13", "10.10.0.14"]);
    expect(seen.downAddresses).toEqual(["10.10.0.15"]);
    const upLine = (name: string) => seen.hosts.find(({ title }) => title === lab.host(name).ipv4)?.lines[1];
    for (const name of ["plain", "strict", "behind"]) expect(upLine(name)).toContain("received echo-reply ttl 63");
    // They drop the echo request: SYN 443 finds both, and ACK 80 the first.
    for (const name of ["quiet", "dark"]) expect(upLine(name)).toMatch(/received (?:syn-ack|reset) ttl 63/);
    expect(seen.stdout).not.toContain("/tcp");
    expect(seen.stdout).not.toContain("Ports: ");
    expect(seen.stdout).toMatch(/^postern done: 6 addresses \(5 hosts up\) scanned in/m);
  });

  test("-sP means the same, and works without privileges", async () => {
    const seen = await postern(lab.scanner, ["-sP", all], { uid: NOBODY_UID });
    expect(seen.upAddresses).toEqual(["10.10.0.10", "10.10.0.11", "10.10.0.12", "10.10.0.13", "10.10.0.14"]);
    expect(seen.stdout).toContain("Discovery: tcp-connect by io_uring, because this process may not send raw packets");
  });

  test("IPv6 hosts are found by connecting", async () => {
    if (!lab.hasIpv6) return;
    const seen = await postern(lab.scanner, ["-sn", lab.host("plain").ipv6, lab.host("quiet").ipv6]);
    expect(seen.upAddresses).toEqual([lab.host("plain").ipv6, lab.host("quiet").ipv6].sort());
  });

  test("a host that is down is not scanned, and -Pn is named", async () => {
    const seen = await postern(lab.scanner, ["-p80", lab.host("down").ipv4]);
    expect(seen.hosts).toEqual([]);
    expect(seen.stdout).toMatch(/^Note: the host seems to be down\. .*-Pn/m);
    expect(seen.stdout).toMatch(/^postern done: 1 address \(0 hosts up\) scanned in/m);
  });

  test.each(["-Pn", "-P0"])("%s scans it all the same, and claims no more than it knows", async (option) => {
    const seen = await postern(lab.scanner, [option, "-p80,443", lab.host("down").ipv4]);
    expect(statesOf(onlyHost(seen))).toEqual({ 80: "filtered", 443: "filtered" });
    expect(onlyHost(seen).lines).toContain("Host is up (not checked: -Pn).");
  });

  test("-Pn asks nothing before the ports", async () => {
    const seen = await postern(lab.scanner, ["-Pn", "--reason", "-p", "80,81", lab.host("quiet").ipv4]);
    expect(probeCounts(seen.stdout)).toMatchObject({ sent: 2, answered: 2, resent: 0 });
    expect(seen.stdout).not.toContain("Discovery:");
    expect(onlyHost(seen).lines[1]).toMatch(/^Host is up, received user-set \(0\.\d+s latency\)\.$/);
  });

  test("-v names the hosts that are down, and without it they are not named", async () => {
    const loud = await postern(lab.scanner, ["-v", "-p80", "10.10.0.8-10"]);
    expect(loud.downAddresses).toEqual(["10.10.0.8", "10.10.0.9"]);
    const quiet = await postern(lab.scanner, ["-p80", "10.10.0.8-10"]);
    expect(quiet.downAddresses).toEqual([]);
    for (const seen of [loud, quiet]) expect(seen.upAddresses).toEqual(["10.10.0.10"]);
  });

  test("as many probes are counted as answered and late as were sent, at most", async () => {
    const seen = await postern(lab.scanner, ["-p80", lab.host("plain").ipv4]);
    const { sent, answered, late } = probeCounts(seen.stdout);
    expect(answered + late).toBeLessThanOrEqual(sent);
  });
});

describeLab("discovery on the link", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
  });
  afterAll(() => lab?.dispose());

  test("ARP finds the neighbour and its address on the link", async () => {
    const { stdout } = await lab.host().run("cat", ["/sys/class/net/eth0/address"]);
    const seen = await postern(lab.scanner, ["--reason", "-p", "80,81", lab.host().ipv4]);
    const host = onlyHost(seen);
    expect(host.lines).toContain(`MAC Address: ${stdout.trim()} (locally administered)`);
    expect(host.lines[1]).toMatch(/^Host is up, received arp-response \(0\.\d+s latency\)\.$/);
    expect(statesOf(host)).toEqual({ 80: "open", 81: "closed" });
    expect(seen.stdout).toContain("Discovery: arp by packet socket, because this process may send raw packets\n");
    expect(seen.stdout).not.toContain("icmp-echo");
  });

  test("a neighbour that is not there is down, quickly", async () => {
    const seen = await postern(lab.scanner, ["-v", "-p80", "10.9.0.77"]);
    expect(seen.downAddresses).toEqual(["10.9.0.77"]);
    expect(seen.elapsedMs).toBeLessThan(2500);
  });

  test("-sn over a /28 of the link", async () => {
    const seen = await postern(lab.scanner, ["-sn", "10.9.0.0/28"]);
    expect(seen.upAddresses).toEqual(["10.9.0.1", "10.9.0.2"]);
    expect(seen.stdout).toMatch(/^postern done: 16 addresses \(2 hosts up\) scanned in/m);
  });

  test("own addresses are up without a question", async () => {
    const seen = await postern(lab.scanner, ["--reason", "-p80", "10.9.0.1"]);
    expect(onlyHost(seen).lines[1]).toMatch(/^Host is up, received localhost-response/);
    expect(statesOf(onlyHost(seen))).toEqual({ 80: "closed" });
    expect(seen.stdout).toContain("Ports: tcp-syn by raw IP, because this process may send raw packets\n");
  });

  test("without privileges the neighbour is found by connecting", async () => {
    const seen = await postern(lab.scanner, ["-p", "80,81", lab.host().ipv4], { uid: NOBODY_UID });
    expect(statesOf(onlyHost(seen))).toEqual({ 80: "open", 81: "closed" });
    expect(seen.stdout).not.toContain("MAC Address");
    const because = "because this process may not send raw packets (CAP_NET_RAW)";
    expect(seen.stdout).toContain(`Discovery: tcp-connect by io_uring, ${because}\n`);
    expect(seen.stdout).toContain(`Ports: tcp-connect by io_uring, ${because}\n`);
  });
});
