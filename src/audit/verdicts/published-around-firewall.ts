// A port that NAT leads elsewhere before the rules for this host's own ports are asked: Docker before ufw.
import { allEvidence, isOpen, portText } from "../case-words.js";
import type { Verdict } from "../port-case.js";

/** The rules for own ports would have stopped it, and never see it. */
export const publishedAroundFirewall: Verdict = {
  key: "published-around-firewall",
  judge(one) {
    const { rules } = one;
    const would = rules?.untranslated;
    if (!isOpen(one) || rules?.isForwarded !== true || !rules.isTranslated) return undefined;
    if (would?.verdict !== "drop" && would?.verdict !== "reject") return undefined;
    const by = would.rule === undefined ? "" : `: ${would.rule}`;
    return {
      severity: "high",
      confidence: "certain",
      title: `${portText(one)} is published to ${rules.fact.deliveredTo ?? "another host"} around the firewall's rules for this host`,
      evidence: [...allEvidence(one), `without the translation it would meet ${would.verdict}${by}`],
      nextStep:
        "publish it on 127.0.0.1 alone, or write the rule where forwarded packets meet it (Docker: the chain DOCKER-USER)",
    };
  },
};
