// The states that a port can be in: nmap's six words, since everybody knows them (nmap reference guide, "Port Scanning Basics").

/** All port states, in the order in which reports list them. The index is the state's number in compact rows. */
export const PORT_STATES = ["open", "open|filtered", "unfiltered", "closed", "closed|filtered", "filtered"] as const;

/** What is claimed of a port. The evidence stands beside it: see {@link Reason}. */
export type PortState = (typeof PORT_STATES)[number];
