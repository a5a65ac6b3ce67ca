// All network settings that postern knows, in the order in which they are shown.
import type { KernelSetting } from "../kernel-setting.js";
import { ARP_SETTINGS } from "./arp.js";
import { BPF_SETTINGS } from "./bpf.js";
import { FORWARDING_SETTINGS } from "./forwarding.js";
import { ICMP_SETTINGS } from "./icmp.js";
import { IPV6_SETTINGS } from "./ipv6.js";
import { NETFILTER_SETTINGS } from "./netfilter.js";
import { PORT_SETTINGS } from "./ports.js";
import { REDIRECT_SETTINGS } from "./redirects.js";
import { SPOOFING_SETTINGS } from "./spoofing.js";
import { TCP_SETTINGS } from "./tcp.js";

/** Settings of one subject. */
export interface KernelSettingGroup {
  readonly title: string;
  readonly settings: readonly KernelSetting[];
}

/** All subjects. */
export const KERNEL_SETTING_GROUPS: readonly KernelSettingGroup[] = [
  { title: "Forwarding", settings: FORWARDING_SETTINGS },
  { title: "Forged sources and chosen routes", settings: SPOOFING_SETTINGS },
  { title: "Redirects", settings: REDIRECT_SETTINGS },
  { title: "ARP and neighbours", settings: ARP_SETTINGS },
  { title: "ICMP", settings: ICMP_SETTINGS },
  { title: "TCP", settings: TCP_SETTINGS },
  { title: "Ports and addresses", settings: PORT_SETTINGS },
  { title: "IPv6", settings: IPV6_SETTINGS },
  { title: "Connections and bridges", settings: NETFILTER_SETTINGS },
  { title: "BPF", settings: BPF_SETTINGS },
];

/** Every setting. */
export const KERNEL_SETTINGS: readonly KernelSetting[] = KERNEL_SETTING_GROUPS.flatMap(({ settings }) => settings);
