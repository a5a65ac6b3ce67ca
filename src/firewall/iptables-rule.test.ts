// Every match and target in the model's words. How the rules are written was compared with what iptables-save 1.8.9 prints;
// the rulesets of test/firewall/rulesets/every-match.* are its own output.
import { describe, expect, test } from "vitest";
import type { NamedSet } from "./element-set.js";
import { readIpsetSave } from "./ipset-save.js";
import { readIptablesSave } from "./iptables-save.js";
import { notationOf } from "./statement-notation.test.data.js";

const SETS = `create friends hash:net family inet
add friends 203.0.113.0/24
add friends 203.0.113.64/26 nomatch
create friends6 hash:net family inet6
create doors hash:ip,port family inet
create ports bitmap:port range 0-1024
create links hash:net,iface family inet
create odd strange:type
create both list:set size 8
add both friends
add both friends6
add both doors
`;

interface Context {
  readonly family?: 4 | 6;
  readonly table?: string;
  readonly chain?: string;
  readonly sets?: ReadonlyMap<string, NamedSet>;
}

function read(rule: string, { family = 4, table = "filter", chain = "INPUT", sets }: Context = {}) {
  const text = `*${table}\n:${chain} ACCEPT [0:0]\n:away - [0:0]\n-A ${chain} ${rule}\nCOMMIT\n`;
  return readIptablesSave(text, { family, sets: sets ?? readIpsetSave(SETS) });
}

/** The notation of one rule, and a note's text where there is one. */
function noted(rule: string, context?: Context): string {
  const { tables, notes } = read(rule, context);
  const [first] = tables[0]?.chains.get(context?.chain ?? "INPUT")?.rules ?? [];
  const statements = notationOf(first?.statements ?? []);
  return notes.length === 0 ? statements : `${statements} # ${notes.map(({ text }) => text).join("; ")}`;
}

describe("the rule's own options", () => {
  test.each([
    ["-s 10.0.0.0/8 -j DROP", "ip saddr == 10.0.0.0-10.255.255.255; drop"],
    ["! -s 192.0.2.1/32 -j DROP", "ip saddr != 192.0.2.1; drop"],
    ["! -d 192.0.2.1", "ip daddr != 192.0.2.1"],
    ["-s 10.0.0.7/255.0.255.0", "(ip saddr & 255.0.255.0) == 10.0.0.0"],
    ["-s 10.1.2.3/255.255.0.0", "ip saddr == 10.1.0.0-10.1.255.255"],
    ["-s 0.0.0.0/0", "ip saddr == 0.0.0.0-255.255.255.255"],
    ["-s 10.0.0.1,10.0.0.2", "(ip saddr == 10.0.0.1 || ip saddr == 10.0.0.2)"],
    ["-i eth+ -o eth0", "iifname == eth*; oifname == eth0"],
    ["! -i eth+", "iifname != eth*"],
    ["-i + -j DROP", "drop"],
    ["-i eth*", 'iifname == {"eth*"}'],
    ["-p tcp", "l4proto == 6"],
    ["! -p 99", "l4proto != 99"],
    ["-p all -j RETURN", "return"],
    ["-p 0 -j RETURN", "return"],
    ["-f", "@nh,51,13 != 0"],
    ["! -f", "@nh,51,13 == 0"],
    ["-c 5 6 -j ACCEPT", "accept"],
    ["--source 10.0.0.1 --destination 10.0.0.2 --protocol udp --in-interface lo --jump ACCEPT", ""],
  ])("%s", (rule, expected) => {
    const whole = "ip saddr == 10.0.0.1; ip daddr == 10.0.0.2; l4proto == 17; iifname == lo; accept";
    expect(noted(rule)).toBe(expected === "" ? whole : expected);
  });

  test.each([
    ["-s fe80::/10", "ip6 saddr == fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["-d ::1/128", "ip6 daddr == ::1"],
    ["! -d 2001:db8::/ffff:ffff:0:ffff::", "(ip6 daddr & ffff:ffff:0:ffff::) != 2001:db8::"],
    ["-p ipv6-icmp", "l4proto == 58"],
  ])("of IPv6: %s", (rule, expected) => {
    expect(noted(rule, { family: 6 })).toBe(expected);
  });
});

describe("headers behind IP's", () => {
  test.each([
    ["-p tcp -m tcp --sport 1024:65535 ! --dport 22", "l4proto == 6; tcp sport == 1024-65535; tcp dport != 22"],
    ["-p tcp --destination-port :1023", "l4proto == 6; tcp dport == 0-1023"],
    [
      "-p tcp --dport ssh -m multiport --sports http,1024:",
      "l4proto == 6; tcp dport == 22; tcp sport == {80, 1024-65535}",
    ],
    ["-p tcp --syn", "l4proto == 6; (tcp flags & 23) == 2"],
    ["-p tcp ! --syn", "l4proto == 6; (tcp flags & 23) != 2"],
    ["-p tcp -m tcp ! --tcp-flags SYN,ACK SYN", "l4proto == 6; (tcp flags & 18) != 2"],
    ["-p tcp -m tcp --tcp-flags ALL NONE", "l4proto == 6; (tcp flags & 63) == 0"],
    ["-p tcp -m tcp ! --tcp-option 8", "l4proto == 6; !(tcp-option 8 == 1)"],
    ["-p udp -m state --state NEW --dport 53", "l4proto == 17; ct state in 0x8; udp dport == 53"],
    ["-p icmp -m icmp --icmp-type 8", "l4proto == 1; icmp type == 8"],
    ["-p icmp --icmp-type echo-request", "l4proto == 1; icmp type == 8"],
    ["-p icmp -m icmp ! --icmp-type 3/4", "l4proto == 1; !(icmp type == 3 && icmp code == 4)"],
    ["-p icmp --icmp-type host-prohibited", "l4proto == 1; (icmp type == 3 && icmp code == 10)"],
    ["-p icmp -m icmp --icmp-type any", "l4proto == 1"],
    ["-p icmp -m icmp ! --icmp-type any", "l4proto == 1; !(all)"],
    ["-p tcp -m multiport --dports 22,80,1000:2000", "l4proto == 6; tcp dport == {22, 80, 1000-2000}"],
    ["-p sctp -m multiport ! --sports 22", "l4proto == 132; sctp sport != {22}"],
    ["-p udp -m multiport --ports 53,67", "l4proto == 17; (udp sport == {53, 67} || udp dport == {53, 67})"],
    ["-p udp -m multiport ! --ports 53", "l4proto == 17; !(udp sport == {53} || udp dport == {53})"],
    ["-p dccp -m dccp ! --dccp-types DATA,INVALID", "l4proto == 33; dccp type != {2, 10-15}"],
    ["-p esp -m esp --espspi 4:5", "l4proto == 50; esp spi == 4-5"],
    ["-p ah -m ah --ahspi 7", "l4proto == 51; ah spi == 7"],
    ["-p ipcomp -m ipcomp --ipcompspi 7", "l4proto == 108; comp cpi == 7"],
  ])("%s", (rule, expected) => {
    expect(noted(rule)).toBe(expected);
  });

  test.each([
    ["-p ipv6-icmp -m icmp6 --icmpv6-type 1/4", "l4proto == 58; (icmpv6 type == 1 && icmpv6 code == 4)"],
    ["-p icmpv6 --icmpv6-type router-solicitation", "l4proto == 58; icmpv6 type == 133"],
    ["-m rt --rt-type 0", "extension-header rt == 1; extension-header rt type == 0"],
    ["-m ah", "extension-header ah == 1"],
    ["-m frag --fragid 5:6", "extension-header frag == 1; extension-header frag id == 5-6"],
    ["-m ipv6header --header frag --soft", "extension-header frag == 1"],
    ["-m ipv6header ! --header frag,none --soft", "!(extension-header frag == 1 && l4proto == 59)"],
    ["-m hl --hl-eq 255", "ip6 hoplimit == 255"],
  ])("of IPv6: %s", (rule, expected) => {
    expect(noted(rule, { family: 6 })).toBe(expected);
  });
});

describe("connections", () => {
  test.each([
    ["-m conntrack --ctstate RELATED,ESTABLISHED", "ct state in 0x6"],
    ["-m conntrack ! --ctstate NEW", "!(ct state in 0x8)"],
    ["-m state --state INVALID,UNTRACKED", "ct state in 0x41"],
    ["-m conntrack --ctstate DNAT", "(ct state in 0x0 || ct status in 0x20)"],
    ["-m conntrack ! --ctstate RELATED,SNAT", "!(ct state in 0x4 || ct status in 0x10)"],
    ["-m conntrack --ctstatus NONE", "ct status in 0x0"],
    ["-m conntrack ! --ctstatus ASSURED,EXPECTED", "(ct status & 0x5) == 0x0"],
    ["-m conntrack --ctdir REPLY", "ct direction == 1"],
    ["-m conntrack ! --ctproto udp", "ct protocol != 17"],
    ["-m conntrack ! --ctorigdst 10.0.0.0/8", "ct original ip daddr != 10.0.0.0-10.255.255.255"],
    ["-m conntrack --ctorigdstport 8080", "ct original proto-dst == 8080"],
    // Without a connection the kernel asks for nothing but the state.
    ["-m conntrack --ctstate NEW --ctdir ORIGINAL", "ct state in 0x8; (ct state in 0x41 || ct direction == 0)"],
    ["-m connmark ! --mark 0x1/0xff", "(ct mark & 0xff) != 0x1"],
    ["-m mark --mark 0x7", "mark == 0x7"],
    ["-m helper ! --helper ftp", "!(ct status in 0x1 && ct helper == ftp)"],
    ["-m helper --helper ftp", "(ct status in 0x1 && ct helper == ftp)"],
  ])("%s", (rule, expected) => {
    expect(noted(rule)).toBe(expected);
  });
});

describe("the packet and its way", () => {
  test.each([
    ["-m iprange ! --src-range 10.0.0.1-10.0.0.9", "ip saddr != 10.0.0.1-10.0.0.9"],
    ["-m length --length 100:", "length == 100-65535"],
    ["-m ttl ! --ttl-eq 64", "!(ip ttl == 64)"],
    ["-m dscp --dscp-class af41", "ip dscp == 34"],
    ["-m tos --tos 0x10/0x3f", "(ip tos & 63) == 16"],
    ["-m tos ! --tos minimize-delay", "(ip tos & 63) != 16"],
    ["-p tcp -m ecn ! --ecn-tcp-ece", "l4proto == 6; (tcp flags & 64) == 0"],
    ["-m pkttype --pkt-type broadcast", "pkttype == 1"],
    ["-m mac ! --mac-source 00:11:22:33:44:55", "ether saddr != 73588229205"],
    ["-m addrtype --dst-type LOCAL", "fib daddr type == 2"],
    ["-m addrtype ! --src-type LOCAL,BROADCAST --limit-iface-out", "fib saddr.oif type != {2, 3}"],
    ["-m rpfilter --invert", "fib saddr.iif check != 1"],
    ["-m rpfilter --loose", "fib saddr check == 1"],
    // Without a socket there is no owner, and then what is negated holds.
    ["-m owner ! --uid-owner 1000-1999", "!(skuid == 1000-1999)"],
    ["-m policy --dir in --pol none", "ipsec == 0"],
    ["-m policy --dir out --pol ipsec", "rt ipsec == 1"],
    ["-p tcp -m tcpmss ! --mss 1:500", "l4proto == 6; !(tcp-option maxseg size == 1-500)"],
  ])("%s", (rule, expected) => {
    expect(noted(rule)).toBe(expected);
  });

  test("of IPv6 the properties of an address must all hold", () => {
    const context = { family: 6 } as const;
    const multicast = "ff00::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    expect(noted("-m addrtype --dst-type MULTICAST", context)).toBe(`ip6 daddr == ${multicast}`);
    expect(noted("-m addrtype ! --dst-type LOCAL,UNICAST", context)).toBe(
      `!((ip6 daddr != ${multicast} && ip6 daddr != ::) && fib daddr type == 2)`,
    );
  });
});

describe("what the first packet is told", () => {
  test.each([
    ["-m limit --limit 3/min --limit-burst 7", "true"],
    ["-m hashlimit --hashlimit-upto 5/sec --hashlimit-name x", "true"],
    ["-m hashlimit --hashlimit-above 5/sec --hashlimit-name x", "false"],
    ["-m recent --set --name x", "true"],
    ["-m recent ! --set --name x", "false"],
    ["-m recent --rcheck --name x", "?"],
    ["-m recent --update --seconds 60 --hitcount 4 --name x", "false"],
    ["-m recent ! --update --hitcount 4 --name x", "true"],
    ["-m recent --update --hitcount 1 --name x", "?"],
    ["-m connlimit --connlimit-above 5", "false"],
    ["-m connlimit --connlimit-above 0", "true"],
    ["-m connlimit --connlimit-upto 5", "true"],
    ["-m connlimit --connlimit-upto 0", "false"],
    ["-m quota --quota 100000", "true"],
    ["-m quota ! --quota 100000", "false"],
    ["-m quota --quota 0", "false"],
    ["-m quota --quota 100", "?"],
    ["-m statistic --mode random --probability 0.5", "?"],
    ["-m statistic --mode random --probability 1.00000000000", "true"],
    ["-m statistic --mode nth --every 3 --packet 0", "true"],
    ["-m statistic --mode nth --every 3", "true"],
    ["-m statistic --mode nth --every 3 --packet 2", "false"],
    ["-m statistic --mode nth ! --every 3 --packet 2", "true"],
    ["-m time --timestart 10:00:00", "?"],
    ["-m connbytes --connbytes 5 --connbytes-mode packets --connbytes-dir both", "?"],
  ])("%s", (rule, first) => {
    expect(noted(rule)).toBe(`budget(${first})`);
  });
});

describe("sets", () => {
  test.each([
    ["-m set --match-set friends src", "ip saddr == @friends"],
    ["-m set ! --match-set friends src,dst", "!(ip saddr == @friends)"],
    ["-m set --match-set doors dst,dst", "ip daddr . l4proto . ipset-dport == @doors"],
    // Fewer sides than the set has parts: nothing is in it.
    ["-m set --match-set doors dst", "!(all)"],
    ["-m set ! --match-set doors dst", "!(!(all))"],
    ["-m set --match-set friends6 src", "!(all)"],
    ["-m set --match-set links src,src", "ip saddr . iifname == @links"],
    ["-m set --match-set ports dst", "((l4proto == 6 || l4proto == 17) && ipset-dport == @ports)"],
    [
      "-m set --match-set both src,dst",
      "(ip saddr == @friends || !(all) || ip saddr . l4proto . ipset-dport == @doors)",
    ],
    [
      "-m set --match-set friends src --return-nomatch",
      "ip saddr == {!203.0.113.0-203.0.113.255, 203.0.113.64-203.0.113.127}",
    ],
    ["-m set --match-set friends src ! --update-counters", "ip saddr == @friends"],
    ["-m set --match-set friends src --packets-gt 5", "(ip saddr == @friends && budget(?))"],
    ["-m set --match-set odd src", "?(what is looked for in odd) == @odd"],
    ["-j SET --add-set friends src --exist --timeout 60", "add @friends {ip saddr}"],
    ["-j SET --del-set doors src,dst", "delete @doors {ip saddr . l4proto . ipset-dport}"],
  ])("%s", (rule, expected) => {
    expect(noted(rule)).toBe(expected);
  });

  test("a set that rules change is a dynamic one; one that nobody listed is unknown", () => {
    const [table] = read("-j SET --add-set friends src").tables;
    expect(table?.sets.get("friends")?.isDynamic).toBe(true);
    const { tables, notes } = read("-m set --match-set __proto__ src -j DROP", { sets: new Map() });
    expect(tables[0]?.sets.get("__proto__")?.unknown).toContain("not listed");
    expect(notes).toMatchObject([{ code: "unknown-set" }]);
  });
});

describe("targets", () => {
  test.each([
    ["-j ACCEPT", "accept"],
    ["-j away", "jump away"],
    ["-g away", "goto away"],
    ["-j QUEUE", "queue"],
    ["-j NFQUEUE --queue-num 3 --queue-bypass", "queue"],
    ["-j REJECT", "reject icmp-port-unreachable"],
    ["-j REJECT --reject-with icmp-host-prohibited", "reject icmp-host-prohibited"],
    ["-j REJECT --reject-with admin-prohib", "reject icmp-admin-prohibited"],
    ["-p tcp -j REJECT --reject-with tcp-reset", "l4proto == 6; reject tcp-reset"],
    ['-j LOG --log-prefix "a b" --log-level 4', "no-effect(-j LOG --log-prefix a b --log-level 4)"],
    ["-j CT --notrack", "notrack"],
    ["-j NOTRACK", "notrack"],
    ["-j CT --zone 5", "no-effect(-j CT --zone 5)"],
    ["-j MARK --set-mark 0x5/0x7", "mark := ((mark & 0xfffffff8) ^ 0x5)"],
    ["-j MARK --set-xmark 0x5/0xffffffff", "mark := 0x5"],
    ["-j MARK --and-mark 0xff", "mark := (mark & 0xff)"],
    ["-j MARK --or-mark 0x1", "mark := ((mark & 0xfffffffe) ^ 0x1)"],
    ["-j MARK --xor-mark 0x1", "mark := (mark ^ 0x1)"],
    ["-j CONNMARK --save-mark", "ct mark := mark"],
    ["-j CONNMARK --restore-mark --mask 0xf0", "mark := ((mark & 0xffffff0f) ^ (ct mark & 0xf0))"],
    ["-j DSCP --set-dscp-class EF", "ip dscp := 46"],
    ["-j TOS --and-tos 0x0f", "ip tos := (ip tos & 15)"],
    ["-j TTL --ttl-inc 1", "ip ttl := ?(ttl + 1)"],
    ["-j ECN --ecn-tcp-remove", "tcp flags := (tcp flags & 63)"],
    ["-j CLASSIFY --set-class 0001:0010", "priority := 65552"],
    ["-j TPROXY --on-port 3129", "diversion(-j TPROXY --on-port 3129)"],
    ["-j TEE --gateway 192.0.2.1", "no-effect(-j TEE --gateway 192.0.2.1)"],
    ["-j DNAT --to-destination 192.0.2.1", "dnat 192.0.2.1 : -"],
    ["-j DNAT --to-destination 192.0.2.1-192.0.2.9:80-90 --random", "dnat 192.0.2.1-192.0.2.9 : 80-90"],
    ["-j DNAT --to-destination :8080", "dnat - : 8080"],
    ["-j DNAT --to-destination 192.0.2.1:9000-9009/90", "dnat 192.0.2.1 : 9000-9009 from 90 on"],
    ["-j SNAT --to-source 192.0.2.1 --persistent", "snat 192.0.2.1 : -"],
    ["-j MASQUERADE --to-ports 1024-2047 --random-fully", "masquerade - : 1024-2047"],
    ["-j REDIRECT --to-ports 8080", "redirect - : 8080"],
  ])("%s", (rule, expected) => {
    expect(noted(rule)).toBe(expected);
  });

  test.each([
    ["-j REJECT", "reject icmp6-port-unreachable"],
    ["-j REJECT --reject-with icmp6-adm-prohibited", "reject icmp6-admin-prohibited"],
    ["-j DNAT --to-destination [2001:db8::1]:80", "dnat 2001:db8::1 : 80"],
    ["-j DNAT --to-destination [2001:db8::1-2001:db8::9]:80-81", "dnat 2001:db8::1-2001:db8::9 : 80-81"],
    ["-j DNAT --to-destination 2001:db8::1-2001:db8::9", "dnat 2001:db8::1-2001:db8::9 : -"],
    ["-j DNAT --to-destination ::1", "dnat ::1 : -"],
    ["-j DNAT --to-destination :80", "dnat - : 80"],
    ["-j HL --hl-set 64", "ip6 hoplimit := 64"],
  ])("of IPv6: %s", (rule, expected) => {
    expect(noted(rule, { family: 6 })).toBe(expected);
  });

  test("NETMAP changes the end that its chain's hook is about", () => {
    const rule = "-j NETMAP --to 198.18.0.0/24";
    expect(noted(rule, { table: "nat", chain: "PREROUTING" })).toBe("dnat 198.18.0.0-198.18.0.255 : - prefix");
    expect(noted(rule, { table: "nat", chain: "POSTROUTING" })).toBe("snat 198.18.0.0-198.18.0.255 : - prefix");
    const text = `*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:one - [0:0]\n:two - [0:0]
-A PREROUTING -j one\n-A OUTPUT -g one\n-A OUTPUT -j two\n-A POSTROUTING -j two\n-A one ${rule}\n-A two ${rule}\nCOMMIT\n`;
    const { tables, notes } = readIptablesSave(text);
    const chains = tables[0]?.chains;
    expect(notationOf(chains?.get("one")?.rules[0]?.statements ?? [])).toMatch(/^dnat/);
    expect(notationOf(chains?.get("two")?.rules[0]?.statements ?? [])).toBe(`unknown(${rule})`);
    expect(notes).toMatchObject([{ code: "not-understood", line: 12 }]);
  });
});

describe("what is not known", () => {
  const unknown = (text: string) => `?(${text}) == ?(${text})`;
  test.each([
    ["-m strange --odd 1 2 ! --other -j DROP", unknown("-m strange --odd 1 2 ! --other"), "a match that is not known"],
    ['-m string --algo bm --string "-j x" -j DROP', unknown("-m string --algo bm --string -j x"), "a search in"],
    ["-m conntrack --ctnew 5 -j DROP", unknown("-m conntrack --ctnew 5"), 'the option "--ctnew"'],
    ["-m conntrack --ctstate ODD -j DROP", unknown("-m conntrack --ctstate ODD"), 'the state "ODD"'],
    ["-s example.org -j DROP", unknown("-s example.org"), 'the address "example.org"'],
    ["-s 10.0.0.0/33 -j DROP", unknown("-s 10.0.0.0/33"), "the prefix length 33"],
    ["-p __proto__ -j DROP", unknown("-p __proto__"), 'the protocol "__proto__"'],
    ["-m __proto__ -j DROP", unknown("-m __proto__"), "a match that is not known"],
    ["-m multiport --dports 22 -j DROP", unknown("-m multiport --dports 22"), "multiport without a protocol"],
    ["--odd -j DROP", unknown("--odd"), "it belongs to no match"],
    ["odd -j DROP", unknown('"odd"'), "it belongs to no match"],
  ])("%s", (rule, condition, why) => {
    const text = noted(rule);
    expect(text.startsWith(`${condition}; drop # `)).toBe(true);
    expect(text).toContain(why);
  });

  test("a target that is not known is met as such", () => {
    expect(noted("-j CONSTRUCTOR --x 1")).toBe("unknown(-j CONSTRUCTOR --x 1) # -j CONSTRUCTOR --x 1: no such target");
    expect(noted("-j REJECT --reject-with odd")).toMatch(/^unknown/);
    expect(noted("-g nowhere")).toMatch(/^goto nowhere # .*is not there$/);
  });
});
