// Ports as nmap's reports list them: numbers and ranges.

/** "1-21,23,25-1000" of ascending numbers. */
export function formatNumbers(numbers: Uint16Array): string {
  const parts: string[] = [];
  for (let at = 0; at < numbers.length; at += 1) {
    const first = numbers[at] ?? 0;
    let last = first;
    while (numbers[at + 1] === last + 1) {
      last += 1;
      at += 1;
    }
    parts.push(first === last ? `${first}` : `${first}-${last}`);
  }
  return parts.join(",");
}
