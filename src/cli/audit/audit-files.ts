// The files that an audit is written into, in forms for programs and browsers. They are opened before anything is asked: a path that
// cannot be written is known at once.
import { closeSync, openSync } from "node:fs";
import type { AuditReport, Severity } from "../../model/audit-report.js";
import { auditHtml } from "../../report/audit/audit-html.js";
import { auditJson } from "../../report/audit/audit-json.js";
import { auditJunit } from "../../report/audit/audit-junit.js";
import { auditSarif } from "../../report/audit/audit-sarif.js";
import { cannotWrite, synchronize, writeText } from "../report-files.js";
import type { AuditForm } from "./audit-options.js";

const FORMS = ["json", "junit", "sarif", "html"] as const;

/** Files that are open. */
export class AuditFiles {
  readonly #open: readonly { readonly form: AuditForm; readonly path: string; readonly file: number }[];

  /** @throws InputError for a file that cannot be written */
  constructor(paths: Partial<Record<AuditForm, string>>) {
    this.#open = FORMS.flatMap((form) => {
      const path = paths[form];
      return path === undefined ? [] : { form, path, file: openNew(path) };
    });
  }

  /**
   * Writes all of them.
   *
   * @throws InputError for one that cannot be written to its end
   */
  write(report: AuditReport, failOn: Severity): void {
    const texts: Readonly<Record<AuditForm, () => string>> = {
      json: () => auditJson(report),
      junit: () => auditJunit(report, { failOn }),
      sarif: () => auditSarif(report, { docsUri: undefined }),
      html: () => auditHtml(report),
    };
    for (const { form, path, file } of this.#open) {
      const fault = writeText(file, path, texts[form]()) ?? synchronize(file, path);
      closeSync(file);
      if (fault !== undefined) throw fault;
    }
  }
}

function openNew(path: string): number {
  try {
    return openSync(path, "w");
  } catch (error) {
    throw cannotWrite(path, error, "");
  }
}
