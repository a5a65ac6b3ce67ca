// What the scan is at, in XML: elements of one line each, since python-libnmap reads line by line and wants every attribute.
// nmap.dtd, "taskbegin", "taskprogress", "taskend"; the names of tasks are nmap's.
import type { DoneEvent, ProgressEvent, RunCounts, TechniqueChoice } from "../model/scan-event.js";
import { scanTask } from "./nmap-words.js";
import { element } from "./xml-text.js";

type Phase = "discovery" | "ports" | "trace";

interface Task {
  readonly name: string;
  readonly phase: Phase;
  isOpen: boolean;
}

/** The tasks of one scan: from the first use of a technique to the end of its phase. */
export class TaskLog {
  readonly #progressEveryMs: number;
  readonly #tasks: Task[] = [];
  #shownAtMs = 0;

  /** @param progressEveryMs How far the scan is, is told at most so often. */
  constructor(progressEveryMs: number) {
    this.#progressEveryMs = progressEveryMs;
  }

  /** A technique is put to use: the start of a task, unless it is a part of one that has begun. */
  begin(choice: TechniqueChoice, time: number): string {
    const name = taskName(choice);
    if (this.#tasks.some((task) => task.name === name)) return "";
    this.#tasks.push({ name, phase: choice.role, isOpen: true });
    return `${element("taskbegin", { task: name, time })}\n`;
  }

  /** How far the scan is. The search for hosts is over when ports are what is left. */
  progress({ phase, shareDone, leftMs, elapsedMs, counts }: ProgressEvent, time: number): string {
    const ended = phase === "ports" ? this.#end("discovery", time, counts) : "";
    if (leftMs === undefined || elapsedMs - this.#shownAtMs < this.#progressEveryMs) return ended;
    this.#shownAtMs = elapsedMs;
    const remaining = Math.round(leftMs / 1000);
    const percent = (Math.min(Math.max(shareDone, 0), 1) * 100).toFixed(2);
    const open = this.#tasks.filter((task) => task.isOpen && task.phase === phase);
    const lines = open.map(({ name: task }) => {
      return `${element("taskprogress", { task, time, percent, remaining, etc: time + remaining })}\n`;
    });
    return ended + lines.join("");
  }

  /** The end of all that has begun. */
  end({ counts }: DoneEvent, time: number): string {
    const phases = ["discovery", "ports", "trace"] as const;
    return phases.map((phase) => this.#end(phase, time, counts)).join("");
  }

  #end(phase: Phase, time: number, counts: RunCounts): string {
    const open = this.#tasks.filter((task) => task.isOpen && task.phase === phase);
    // What several tasks have done together is of no use to somebody who reads them one by one.
    const extrainfo = open.length === 1 ? extraInfo(phase, counts) : undefined;
    let text = "";
    for (const task of open) {
      task.isOpen = false;
      text += `${element("taskend", { task: task.name, time, extrainfo })}\n`;
    }
    return text;
  }
}

function taskName({ role, technique }: TechniqueChoice): string {
  switch (role) {
    case "ports":
      return scanTask(technique);
    case "trace":
      return "Traceroute";
    case "discovery":
      if (technique === "arp") return "ARP Ping Scan";
      return technique === "neighbour-solicitation" ? "ND Ping Scan" : "Ping Scan";
  }
}

function extraInfo(phase: Phase, counts: RunCounts): string | undefined {
  switch (phase) {
    case "discovery":
      return `${counts.hosts} total hosts`;
    case "ports":
      return `${counts.ports} total ports`;
    case "trace":
      return undefined;
  }
}
