// With what time to live a packet began, judged by what is left of it.

/** What systems begin with; the next higher one is taken for what a packet had at first. */
const FIRST_TTLS = [32, 64, 128, 255];

/** The time to live, or hop limit, with which a packet left that arrives with this one. */
export function firstTtlOf(ttl: number): number {
  return FIRST_TTLS.find((first) => ttl <= first) ?? 255;
}
