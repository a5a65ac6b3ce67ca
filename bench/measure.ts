// Measures a program from start to end: wall time, CPU time and peak memory of the whole process.
// CPU and memory come from wait4(2) by way of Perl's or Python's or GNU time's report, see `meterWords`.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { hasProgram } from "../lab/availability.js";
import type { LabMachine, RunOptions } from "../lab/machine.js";

/** What one run cost, and what it said. */
export interface Measured {
  readonly wallMs: number;
  /** User and system time of the process and all its threads; undefined without GNU time. */
  readonly cpuMs: number | undefined;
  /** Peak resident memory; undefined without GNU time. */
  readonly peakMb: number | undefined;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** GNU time(1): it waits with wait4(2) and prints the rusage. */
const TIME = "/usr/bin/time";

/** Whether CPU and memory can be told here. */
export const hasMeter: boolean = hasProgram("time");
