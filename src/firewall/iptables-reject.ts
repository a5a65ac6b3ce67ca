// The target REJECT and all the answers that it knows. iptables-extensions(8), "REJECT"; `iptables -j REJECT -h`.
import { quote } from "../target/fault.js";
import { type ExtensionReader, optionNamed, together } from "./iptables-scope.js";
import { NotUnderstood } from "./not-understood.js";
import type { RejectWith } from "./statement.js";

const OF_IPV4: ReadonlyMap<string, RejectWith> = new Map<string, RejectWith>([
  ["icmp-net-unreachable", "icmp-net-unreachable"],
  ["net-unreach", "icmp-net-unreachable"],
  ["icmp-host-unreachable", "icmp-host-unreachable"],
  ["host-unreach", "icmp-host-unreachable"],
  ["icmp-proto-unreachable", "icmp-proto-unreachable"],
  ["proto-unreach", "icmp-proto-unreachable"],
  ["icmp-port-unreachable", "icmp-port-unreachable"],
  ["port-unreach", "icmp-port-unreachable"],
  ["icmp-net-prohibited", "icmp-net-prohibited"],
  ["net-prohib", "icmp-net-prohibited"],
  ["icmp-host-prohibited", "icmp-host-prohibited"],
  ["host-prohib", "icmp-host-prohibited"],
  ["icmp-admin-prohibited", "icmp-admin-prohibited"],
  ["admin-prohib", "icmp-admin-prohibited"],
  ["tcp-reset", "tcp-reset"],
  ["tcp-rst", "tcp-reset"],
]);

const OF_IPV6: ReadonlyMap<string, RejectWith> = new Map<string, RejectWith>([
  ["icmp6-no-route", "icmp6-no-route"],
  ["no-route", "icmp6-no-route"],
  ["icmp6-adm-prohibited", "icmp6-admin-prohibited"],
  ["adm-prohibited", "icmp6-admin-prohibited"],
  ["icmp6-addr-unreachable", "icmp6-addr-unreachable"],
  ["addr-unreach", "icmp6-addr-unreachable"],
  ["icmp6-port-unreachable", "icmp6-port-unreachable"],
  ["port-unreach", "icmp6-port-unreachable"],
  ["icmp6-policy-fail", "icmp6-policy-fail"],
  ["policy-fail", "icmp6-policy-fail"],
  ["icmp6-reject-route", "icmp6-reject-route"],
  ["reject-route", "icmp6-reject-route"],
  ["tcp-reset", "tcp-reset"],
]);

/** The target. */
export const rejectTarget: ExtensionReader = together({ "--reject-with": 1 }, (given, { family }) => {
  const usual = family === 4 ? "icmp-port-unreachable" : "icmp6-port-unreachable";
  const name = optionNamed(given, "--reject-with")?.values[0] ?? usual;
  const answer = (family === 4 ? OF_IPV4 : OF_IPV6).get(name);
  if (answer === undefined) throw new NotUnderstood(`the answer ${quote(name)}`);
  return [{ kind: "reject", ipv4: family === 4 ? answer : undefined, ipv6: family === 6 ? answer : undefined }];
});
