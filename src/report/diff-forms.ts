// All forms of a comparison. A new form is a file of its own and a line here.
import { diffJson } from "./diff-json.js";
import { diffText } from "./diff-text.js";
import type { DiffWriter } from "./diff-writer.js";
import { diffXml } from "./diff-xml.js";

/** What a comparison can be written as, the default first. */
export const DIFF_WRITERS: readonly [DiffWriter, ...DiffWriter[]] = [diffText, diffXml, diffJson];
