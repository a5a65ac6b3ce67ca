// Another host as the subject of an audit: its inside is read by ssh, and where that cannot be had, the rest is audited.
import { rulesetOf } from "../firewall/live-ruleset.js";
import type { SshHost } from "../linux/ssh-host.js";
import { PosternError } from "../model/errors.js";
import type { Address } from "../target/address.js";
import { type RemoteInside, readRemoteInside } from "../vantage/remote-inside.js";
import type { Vantage } from "../vantage/vantage.js";
import { AUDITED_SOCKETS, type AuditSubject, type Blindness } from "./audit-subject.js";
import { seeRules } from "./rules-blindness.js";

/** Clocks that differ by less do not matter. */
const CLOCK_DIFFERENCE_MS_MAX = 5000;

/** Which host, and how it is looked into. */
export interface OtherMachine {
  /** As it was written. */
  readonly name: string;
  readonly addresses: readonly Address[];
  /** Undefined where its inside is not to be looked at. */
  readonly ssh: SshHost | undefined;
  readonly hasSudo: boolean;
  /** The settings of ssh; undefined for its own. */
  readonly sshConfigFile: string | undefined;
}

/** Looks at it. */
export async function lookAtOtherMachine(
  { name, addresses, ssh, hasSudo, sshConfigFile }: OtherMachine,
  vantages: readonly Vantage[],
  signal: AbortSignal,
): Promise<AuditSubject> {
  const unseen = {
    inside: undefined,
    userNames: new Map(),
    ruleset: undefined,
    environment: undefined,
    system: undefined,
  };
  if (ssh === undefined) {
    return {
      name,
      addresses,
      vantages,
      ...unseen,
      blindnesses: [{ what: "its inside", why: "it was not to be looked at" }],
    };
  }
  try {
    const inside = await readRemoteInside(ssh, {
      wish: AUDITED_SOCKETS,
      sudo: hasSudo,
      configFile: sshConfigFile,
      signal,
    });
    const { ruleset, blindnesses } = await seeRules(() => rulesetOf(inside.rulesets));
    return {
      name,
      system: inside.system,
      inside: inside.view,
      userNames: inside.userNames,
      ruleset,
      environment: inside.environment,
      addresses,
      blindnesses: [...blindnesses, ...otherGaps(inside), ...clockBlindness(inside)],
      vantages,
    };
  } catch (error) {
    if (!(error instanceof PosternError)) throw error;
    return { name, addresses, vantages, ...unseen, blindnesses: [{ what: "its inside", why: error.message }] };
  }
}

/** What is missing beside what the view itself tells. */
function otherGaps({ gaps, view }: RemoteInside): readonly Blindness[] {
  return gaps.filter((gap) => !view.gaps.includes(gap)).map(({ what, why }) => ({ what, why }));
}

function clockBlindness({ clockDifferenceMs = 0 }: RemoteInside): readonly Blindness[] {
  if (Math.abs(clockDifferenceMs) < CLOCK_DIFFERENCE_MS_MAX) return [];
  const seconds = Math.round(Math.abs(clockDifferenceMs) / 1000);
  const way = clockDifferenceMs > 0 ? "ahead of" : "behind";
  return [{ what: "since when its programs run", why: `its clock is ${seconds} s ${way} this machine's` }];
}
