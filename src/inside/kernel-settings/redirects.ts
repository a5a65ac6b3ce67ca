// Settings about ICMP redirects: who may tell this machine another way, and whom it tells.
import { oneOf } from "../careful-value.js";
import { IP_SYSCTL, type KernelSetting, type SettingScene } from "../kernel-setting.js";

const TAKEN = {
  words: "redirects are taken here",
  holds: ({ numberHere }: SettingScene) => numberHere("accept_redirects") !== 0,
};

/** Redirects. */
export const REDIRECT_SETTINGS: readonly KernelSetting[] = [
  {
    path: "net/ipv4/conf/IFACE/accept_redirects",
    combination: "ipv4-redirects",
    careful: oneOf(0),
    otherwise: "loose",
    why: "Any neighbour that claims to be the router can lead this machine's packets through itself. Networks with one router need none.",
    source: `${IP_SYSCTL}; include/linux/inetdevice.h, IN_DEV_RX_REDIRECTS`,
  },
  {
    path: "net/ipv6/conf/IFACE/accept_redirects",
    combination: "ipv6-redirects",
    careful: oneOf(0),
    otherwise: "loose",
    why:
      "Any neighbour that claims to be the router can lead this machine's packets through itself. Setting conf/all changes " +
      "nothing for IPv6: each interface, and conf/default for those to come, has to be set.",
    source: `${IP_SYSCTL}; net/ipv6/route.c, rt6_do_redirect()`,
  },
  {
    path: "net/ipv4/conf/IFACE/shared_media",
    combination: "or",
    careful: oneOf(0),
    otherwise: "depends",
    needs: TAKEN,
    why: "Takes redirects to gateways outside of this interface's networks, too, and makes secure_redirects void.",
    source: `${IP_SYSCTL}; net/ipv4/route.c, __ip_do_redirect()`,
  },
  {
    path: "net/ipv4/conf/IFACE/secure_redirects",
    combination: "or",
    careful: oneOf(1),
    otherwise: "loose",
    needs: {
      words: "redirects are taken here, and shared_media is off",
      holds: (scene) => TAKEN.holds(scene) && scene.numberHere("shared_media") === 0,
    },
    why:
      "With 0, redirects may name any neighbour as the new gateway; with 1 only a known default gateway. Where no " +
      "redirects are taken, neither value matters.",
    source: `${IP_SYSCTL}; net/ipv4/route.c, __ip_do_redirect()`,
  },
  {
    path: "net/ipv4/conf/IFACE/send_redirects",
    combination: "or",
    careful: oneOf(0),
    otherwise: "depends",
    needs: {
      words: "the interface forwards",
      holds: ({ numberHere }) => numberHere("forwarding") !== 0,
    },
    why: "A router tells its neighbours better ways, and so what its networks look like. Hardly any network needs that today.",
    source: IP_SYSCTL,
  },
];
