// Numbers as people read them: digits in groups of three, shares in per cent, durations with their unit.

/** A whole number with its digits in groups of three: 120311 is "120,311". */
export function groupDigits(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** "1 port", "2 ports", "1,000 ports"; `many` where the plural is not the word with an s. */
export function countOf(count: number, one: string, many: string = `${one}s`): string {
  return `${groupDigits(count)} ${count === 1 ? one : many}`;
}

/** A share of 0 to 1 in per cent, rounded down to a tenth: nothing is "100.0 %" before it is done. */
export function percentDone(share: number): string {
  const tenths = Math.floor(Math.min(Math.max(share, 0), 1) * 1000 + 1e-9);
  return `${(tenths / 10).toFixed(1)} %`;
}

/** A share of 0 to 1 that is an estimate: two digits, and never a false "0 %". */
export function percentAbout(share: number): string {
  return share < 0.001 ? "less than 0.1 %" : `about ${plainDecimal(share * 100)} %`;
}

/** A positive number with two significant digits and no exponent: 0.000042, 0.13, 9.8, 120. */
export function plainDecimal(value: number): string {
  if (!(value > 0)) {
    return "0";
  }
  const exponent = Math.floor(Math.log10(value));
  const decimals = Math.min(Math.max(1 - exponent, 0), 9);
  const text = value.toFixed(decimals);
  return decimals === 0 ? groupDigits(value) : text.replace(/\.?0+$/, "");
}

/** A duration in ms as its two largest units: "3 s", "2 min 5 s", "1 h 12 min", "2 d 3 h". */
export function durationText(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min ${seconds % 60} s`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return `${hours} h ${minutes % 60} min`;
  }
  return `${groupDigits(Math.floor(hours / 24))} d ${hours % 24} h`;
}
