// What is to be known of each form of report without loading it: the command line needs no more, and must be quick.

/** A form's names. */
export interface FormFacts {
  /** The name, and the value in options: "normal". */
  readonly name: string;
  /** nmap's spelling where nmap has the form: "-oN". */
  readonly option: string;
  /** One line of help, no full stop. */
  readonly summary: string;
}

/** All forms that can be written, in the order of help. */
export const FORM_FACTS: Readonly<Record<"normal" | "xml" | "grepable" | "jsonLines" | "csv" | "html", FormFacts>> = {
  normal: { name: "normal", option: "-oN", summary: "text for people" },
  xml: { name: "xml", option: "-oX", summary: "nmap's XML, for programs" },
  grepable: { name: "grepable", option: "-oG", summary: "nmap's lines for grep and awk" },
  jsonLines: { name: "jsonl", option: "-oJ", summary: "JSON Lines, one event a line, for programs" },
  csv: { name: "csv", option: "-oC", summary: "CSV, a row a port, for spreadsheets" },
  html: { name: "html", option: "-oH", summary: "one HTML page with charts" },
};
