// Rules of our own that watch what the rules under test do: at the very beginning of each hook, where tracing starts, and at
// the very end, where what has passed is logged. They stand in tables of their own, made after the ruleset was listed.

/** Groups of nfnetlink_log: delivered here; sent by this host over its loopback; answers that this host makes. */
export const GROUPS = { local: 11, loopback: 12, answer: 13, legacyTrace: 0 } as const;

const FIRST = -2_147_483_648;
/** Just before connections are confirmed (NF_IP_PRI_CONNTRACK_CONFIRM): what is dropped here has never been. */
const LAST = 2_147_483_646;

/** The observer's tables have this name, whatever their family. */
export const OBSERVER = "postern_observer";

/** The observer as text for nft. What was delivered is dropped after it was told, so that no socket answers. */
export function observerText(links: readonly string[]): string {
  const devices = links.map((name) => `"${name}"`).join(", ");
  return `
table netdev ${OBSERVER} {
  chain begin {
    type filter hook ingress devices = { ${devices} } priority ${FIRST}; policy accept;
    meta nftrace set 1
  }
}
table inet ${OBSERVER} {
  chain begin {
    type filter hook prerouting priority ${FIRST}; policy accept;
    meta nftrace set 1
  }
  chain begin_output {
    type filter hook output priority ${FIRST}; policy accept;
    meta skuid 0 meta nftrace set 1 accept
    log group ${GROUPS.answer}
  }
  chain end_input {
    type filter hook input priority ${LAST}; policy accept;
    log group ${GROUPS.local}
    drop
  }
  chain end_output {
    type filter hook postrouting priority ${LAST}; policy accept;
    oifname "lo" log group ${GROUPS.loopback} drop
  }
}
`;
}
