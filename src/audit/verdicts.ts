// All verdicts: a port as a vantage point has it gets the first that holds; what is said of a program beside that, each that holds.
import type { Verdict } from "./port-case.js";
import { answeredByOther } from "./verdicts/answered-by-other.js";
import { answersEverything } from "./verdicts/answers-everything.js";
import { couldNotAsk } from "./verdicts/could-not-ask.js";
import { deletedBinary } from "./verdicts/deleted-binary.js";
import { intendedNotReachable } from "./verdicts/intended-not-reachable.js";
import { letInNothingListens } from "./verdicts/let-in-nothing-listens.js";
import { listeningBlocked } from "./verdicts/listening-blocked.js";
import { loopbackReachable } from "./verdicts/loopback-reachable.js";
import { openIntended } from "./verdicts/open-intended.js";
import { openNotIntended } from "./verdicts/open-not-intended.js";
import { openNothingListens } from "./verdicts/open-nothing-listens.js";
import { openUnsaid } from "./verdicts/open-unsaid.js";
import { ownerUnknown } from "./verdicts/owner-unknown.js";
import { publishedAroundFirewall } from "./verdicts/published-around-firewall.js";
import { reachableOnIpv6Only } from "./verdicts/reachable-on-ipv6-only.js";
import { serviceMismatch } from "./verdicts/service-mismatch.js";
import { shut } from "./verdicts/shut.js";
import { silentThoughLetIn } from "./verdicts/silent-though-let-in.js";
import { udpSilent } from "./verdicts/udp-silent.js";

/** What is closest to the truth comes first: why before what. The last one holds always. */
export const REACH_VERDICTS: readonly Verdict[] = [
  answersEverything,
  answeredByOther,
  openIntended,
  loopbackReachable,
  publishedAroundFirewall,
  openNothingListens,
  reachableOnIpv6Only,
  openNotIntended,
  openUnsaid,
  silentThoughLetIn,
  intendedNotReachable,
  listeningBlocked,
  udpSilent,
  letInNothingListens,
  couldNotAsk,
  shut,
];

/** About the program that has the port. */
export const PROGRAM_VERDICTS: readonly Verdict[] = [ownerUnknown, deletedBinary, serviceMismatch];
