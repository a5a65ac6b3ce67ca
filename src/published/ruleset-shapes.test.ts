// Published ports of rulesets as programs write them: those of test/firewall/rulesets, and more in published-ports.test.data,
// where each was loaded into a namespace and listed by nft 1.0.6 and iptables-save 1.8.9. What their rules mean stands beside.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { portsByRules, type RuleTexts } from "./published-ports.js";
import { shown } from "./shown-port.test.data.js";

function own(name: string): string {
  return readFileSync(new URL(`published-ports.test.data/${name}`, import.meta.url), "utf8");
}

function ofFirewall(name: string): string {
  return readFileSync(new URL(`../../test/firewall/rulesets/${name}`, import.meta.url), "utf8");
}

async function rows(texts: Partial<RuleTexts>): Promise<readonly string[]> {
  const { ports, isUnreadable } = await portsByRules({ iptables: [], ip6tables: [], nft: undefined, ...texts });
  expect(isUnreadable).toBe(false);
  return ports.map(shown);
}

test("Docker's, by iptables", async () => {
  expect(await rows({ iptables: [ofFirewall("docker.v4")] })).toMatchInlineSnapshot(`
    [
      "tcp *:8080 -> 172.17.0.2:80, by not docker0",
      "tcp *:5432 -> 172.18.0.3:5432, by not br-4f2a",
    ]
  `);
});

test("Docker's, by nft", async () => {
  expect(await rows({ nft: ofFirewall("docker.json") })).toMatchInlineSnapshot(`
    [
      "tcp *:8080 -> 172.17.0.2:80, by not docker0",
      "tcp 127.0.0.1:5432 -> 172.17.0.3:5432, by not docker0",
    ]
  `);
});

test("kube-proxy's, by iptables", async () => {
  expect(await rows({ iptables: [ofFirewall("kube-proxy.v4")] })).toMatchInlineSnapshot(`
    [
      "udp 10.96.0.10:53 -> 10.244.0.5:53",
      "tcp 10.96.77.80:80 -> 10.244.0.10:8080, shared",
      "tcp 10.96.77.80:80 -> 10.244.0.11:8080, shared",
      "tcp 10.96.77.80:80 -> 10.244.0.12:8080, shared",
      "tcp *:30080 -> 10.244.0.10:8080, shared",
      "tcp *:30080 -> 10.244.0.11:8080, shared",
      "tcp *:30080 -> 10.244.0.12:8080, shared",
    ]
  `);
});

test("kube-proxy's, by nft", async () => {
  expect(await rows({ nft: own("kube-proxy-nft.txt") })).toMatchInlineSnapshot(`
    [
      "tcp 10.96.0.20:80 -> 10.244.1.2:8080, shared",
      "tcp 10.96.0.20:80 -> 10.244.1.3:8080, shared",
      "tcp 192.0.2.10:30080 -> 10.244.1.2:8080, shared",
      "tcp 192.0.2.10:30080 -> 10.244.1.3:8080, shared",
    ]
  `);
});

test("podman's with netavark", async () => {
  expect(await rows({ nft: own("netavark.txt") })).toMatchInlineSnapshot(`
    [
      "tcp *:8080 -> 10.88.0.2:80",
      "udp 127.0.0.1:5300-5310 -> 10.88.0.3:5300-5310",
    ]
  `);
});

test("port mappings of CNI", async () => {
  expect(await rows({ iptables: [own("cni.txt")] })).toMatchInlineSnapshot(`
    [
      "tcp *:8080 -> 10.88.0.2:80",
      "udp 192.0.2.10:53 -> 10.88.0.2:5353",
    ]
  `);
});

test("firewalld's, with a forwarded port", async () => {
  expect(await rows({ nft: ofFirewall("firewalld.json") })).toMatchInlineSnapshot(`
    [
      "tcp *:2222 -> 192.168.1.77:22, by eth0, prerouting",
      "tcp *:2222 -> 192.168.1.77:22, prerouting",
    ]
  `);
});

test("a router's, by nft and by iptables", async () => {
  expect(await rows({ nft: ofFirewall("router.json") })).toMatchInlineSnapshot(`
    [
      "tcp *:80 -> 192.168.1.10, by wan, prerouting",
      "tcp *:443 -> 192.168.1.10, by wan, prerouting",
      "tcp *:2222 -> 192.168.1.11:22, by wan, prerouting",
      "udp *:5000-5100 -> 192.168.1.12-192.168.1.14:6000-6100, by wan, prerouting",
    ]
  `);
  expect(await rows({ iptables: [ofFirewall("router.v4")] })).toMatchInlineSnapshot(`
    [
      "tcp *:443 -> 192.168.1.10, by wan0, prerouting",
      "tcp *:2200-2299 -> 192.168.1.11:22, by wan0, prerouting",
      "tcp *:3389 -> 192.168.1.12:3389, by wan0, from 198.51.100.0/24, prerouting",
      "udp *:53 -> own:5353, by guest0, prerouting",
      "any 198.18.5.0/24:* -> 192.168.5.0/24, by lan0, prerouting",
    ]
  `);
});

test("maps for all that NAT takes", async () => {
  expect(await rows({ nft: ofFirewall("nat-maps.json") })).toMatchInlineSnapshot(`
    [
      "tcp *:80 -> 10.0.0.1:8080, prerouting",
      "tcp *:443 -> 10.0.0.2:8443, prerouting",
      "any 192.0.2.0/28:* -> 10.0.1.1, prerouting",
      "any 192.0.2.16-192.0.2.20:* -> 10.0.1.2, prerouting",
      "tcp *:22 -> 10.9.9.9:2222, from 198.51.100.1, prerouting",
      "tcp *:81 -> 10.0.0.1, prerouting, shared",
      "tcp *:81 -> 10.0.0.2, prerouting, shared",
      "tcp *:81 -> 10.0.0.3, prerouting, shared",
      "tcp *:82 -> 10.0.0.1:80, prerouting, shared",
      "tcp *:82 -> 10.0.0.2:80, prerouting, shared",
      "tcp *:83 -> 2001:db8::1:8083, prerouting",
      "udp *:84 -> 2001:db8::1-2001:db8::9:8000-8010, prerouting",
      "tcp *:85 -> own:8085, prerouting",
      "tcp *:87 -> same:8087, prerouting",
      "any 192.0.2.100:* -> 10.5.5.0/24, prerouting",
      "tcp *:3128 -> own:3129, prerouting",
      "any 192.0.2.200:* -> own, prerouting",
    ]
  `);
});

test("a table of iptables' in which nft has rules and a base chain of its own", async () => {
  const texts = { iptables: [own("mixed-save.txt")], ip6tables: [""], nft: own("mixed-nft.txt") };
  expect(await rows(texts)).toMatchInlineSnapshot(`
    [
      "tcp *:81 -> 10.0.0.3, prerouting",
      "tcp *:80-87 -> own:9000, prerouting, perhaps",
      "tcp *:84 -> 10.0.0.5, prerouting",
      "tcp *:86 -> 10.0.0.5, prerouting",
      "tcp *:88 -> 10.0.0.5, prerouting",
    ]
  `);
});

test("both back ends of iptables at once", async () => {
  const old = "# Generated by iptables-save v1.8.9 on Tue Nov 24 12:00:00 2026\n*nat\n:PREROUTING ACCEPT [0:0]\n";
  const rule = "-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.9\nCOMMIT\n";
  expect(await rows({ iptables: [own("cni.txt"), `${old}${rule}`] })).toMatchInlineSnapshot(`
    [
      "tcp *:8080 -> 10.88.0.2:80",
      "udp 192.0.2.10:53 -> 10.88.0.2:5353",
      "tcp *:8080 -> 10.0.0.9, prerouting",
    ]
  `);
});
