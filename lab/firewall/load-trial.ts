// Loads a ruleset of the generator. What a program refuses of it (two protocols in one rule, NAT where the kernel has none) is
// left out line by line: so only its own rules say what is valid.
import type { FirewallLab } from "../firewall-lab.js";
import type { LoadAnswer, RulesetText } from "./kernel-answer.js";

/** Each try finds all lines that nft's grammar refuses, but the kernel refuses one at a time. */
const TRIES_MAX = 12;
/** "/dev/stdin:12:3-4: Error:" of nft; "line 12 failed" and "Error occurred at line: 12" of iptables-restore. */
const LINE = /(?:\/dev\/stdin:|line(?: |: ))(\d+)/g;

/** Loads it, as far as it is valid. */
export async function loadTrial(
  lab: FirewallLab,
  texts: readonly RulesetText[],
  settings: Readonly<Record<string, string>> = {},
): Promise<LoadAnswer> {
  let left = texts;
  for (let tries = 0; ; tries++) {
    const answer = await lab.load(left, settings);
    if (!("fault" in answer) || tries === TRIES_MAX) return answer;
    const shorter = withoutLines(left, answer.fault);
    if (shorter === undefined) return answer;
    left = shorter;
  }
}

/** The text of the program that complained, without the rules that it named; undefined when it named none. */
function withoutLines(texts: readonly RulesetText[], fault: string): readonly RulesetText[] | undefined {
  const numbers = new Set([...fault.matchAll(LINE)].map(([, number]) => Number(number)));
  let isShorter = false;
  const shorter = texts.map((text) => {
    if (!fault.startsWith(`${text.program === "nft" ? "nft" : text.program}:`)) return text;
    const lines = text.text.split("\n").map((line, at) => {
      if (!numbers.has(at + 1) || !/^(?: {4}|-A )/.test(line) || line.trimStart().startsWith("type ")) return line;
      isShorter = true;
      return "";
    });
    return { ...text, text: lines.join("\n") };
  });
  return isShorter ? shorter : undefined;
}
