// What scripts of nmap's found, and what postern has to say of a host, in XML. nmap.dtd, "script", "hostscript".
import type { HostDoneEvent, ScriptEvent } from "../model/scan-event.js";
import type { BookedHost } from "./host-book.js";
import { endDoubt, lossDoubt } from "./host-doubts.js";
import { xmlLines, xmlText } from "./xml-text.js";

/** One script's output. */
export function scriptElement({ id, output }: Pick<ScriptEvent, "id" | "output">): string {
  return `<script id="${xmlText(id)}" output="${xmlLines(output)}"/>`;
}

/**
 * What is said of the host as a whole: by scripts, and by postern where somebody who reads the ports must know it. nmap's
 * clients show both; nothing of the latter is there for a host that was scanned without a doubt.
 */
export function hostScriptElement(host: BookedHost, done: HostDoneEvent | undefined): string {
  const scripts = host.scripts.filter(({ port }) => port === undefined).map(scriptElement);
  if (done !== undefined) scripts.push(...doubts(done).map(scriptElement));
  return scripts.length === 0 ? "" : `<hostscript>${scripts.join("")}</hostscript>\n`;
}

function doubts(done: HostDoneEvent): readonly Pick<ScriptEvent, "id" | "output">[] {
  const found = done.marks.map(({ code, text }) => ({ id: `postern-${code}`, output: text }));
  const loss = lossDoubt(done);
  const end = endDoubt(done);
  if (loss !== undefined) found.push({ id: "postern-loss", output: loss });
  if (end !== undefined) found.push({ id: "postern-undecided", output: end });
  return found;
}
