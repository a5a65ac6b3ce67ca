// Names of systemd's units as people read them (systemd.unit(5), "String Escaping for Inclusion in Unit Names").

/** The name with its `\xHH` decoded; a dash that stands for a slash stays a dash. */
export function unescapedUnit(name: string): string {
  return name.replace(/(?:\\x[0-9a-f]{2})+/gi, (run) => {
    const bytes = run
      .split("\\x")
      .slice(1)
      .map((hex) => Number.parseInt(hex, 16));
    return new TextDecoder().decode(Uint8Array.from(bytes));
  });
}
