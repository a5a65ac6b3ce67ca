// What a reader of a wire format returns: 0, or the fault that kept it from reading. Numbers, because readers run once
// a frame and a network's nonsense is a value, never an exception.

/** The reader has filled its view in. */
export const READ_OK = 0;

/** Why a reader gave up; the view then holds nothing that may be used. */
export const ReadFault = {
  /** Shorter than its header, or than its own length field says. */
  CUT: 1,
  /** The checksum does not fit the bytes. */
  BAD_CHECKSUM: 2,
  /** A field contradicts itself or another one. */
  MALFORMED: 3,
  /** Well-formed as far as one can see, but of a version or kind that we do not read. */
  UNSUPPORTED: 4,
} as const;

/** One of the values of {@link ReadFault}, 1 to 4. */
export type ReadFault = (typeof ReadFault)[keyof typeof ReadFault];

/** What every reader returns: {@link READ_OK} or a {@link ReadFault}. */
export type ReadResult = typeof READ_OK | ReadFault;

const WORDS: Readonly<Record<ReadResult, string>> = {
  [READ_OK]: "good",
  [ReadFault.CUT]: "cut short",
  [ReadFault.BAD_CHECKSUM]: "bad checksum",
  [ReadFault.MALFORMED]: "malformed",
  [ReadFault.UNSUPPORTED]: "unsupported",
};

/** Says a result in words, for notices and counters: "cut short", "bad checksum". */
export function describeReadResult(result: ReadResult): string {
  return WORDS[result];
}
