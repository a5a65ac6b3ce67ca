// Runs the built program in the lab, as users start it.
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { LabMachine, RunOptions, RunResult } from "../lab/machine.js";
import { readReport, type SeenHost, type SeenReport } from "./report.js";

/** The program as users start it. */
export const POSTERN: string = fileURLToPath(new URL("../bin/postern", import.meta.url));

/** What came of a run, and what it told. */
export interface Seen extends RunResult, SeenReport {}

/** Runs the program to its end, whatever comes of it. */
export async function runPostern(
  machine: LabMachine,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Seen> {
  const result = await machine.run(POSTERN, args, { timeoutMs: 30_000, ...options });
  return { ...result, ...readReport(result.stdout) };
}

/** Runs the program where it must succeed, and have nothing to say on standard error. */
export async function postern(machine: LabMachine, args: readonly string[], options: RunOptions = {}): Promise<Seen> {
  const seen = await runPostern(machine, args, options);
  expect({ status: seen.status, stderr: seen.stderr }).toEqual({ status: 0, stderr: "" });
  return seen;
}

/** The only host of a report. */
export function onlyHost(seen: Seen): SeenHost {
  const [host, ...others] = seen.hosts;
  if (host === undefined || others.length > 0) throw new Error(`not one host in: ${seen.stdout}${seen.stderr}`);
  return host;
}
