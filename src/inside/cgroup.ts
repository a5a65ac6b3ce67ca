// temporary
export interface Cgroup {
  readonly unit: string | undefined;
  readonly container: { readonly runtime: string; readonly id: string; readonly podUid?: string } | undefined;
}
export function parseCgroup(text: string): Cgroup {
  const m = /\/([^/\n]+\.(?:service|scope|socket))/.exec(text);
  return { unit: m?.[1], container: undefined };
}
