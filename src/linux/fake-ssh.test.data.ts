// An ssh for tests: it takes the words that the real one takes, and runs the command here. What it does instead is a line of sh.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";

/** Runs what stands behind the host, as a login shell would. */
const RUN_HERE = 'exec sh -c "$command"';

/** What a host does that reads the script and knows its tag. */
export function withTag(lines: string): string {
  return `script=$(cat)
tag=$(printf '%s' "$script" | grep -o 'postern-[0-9a-z]*' | head -n 1)
case "$command" in cat) exit 1 ;; esac
${lines}`;
}

/**
 * Makes fake programs below a folder that is removed when the file's tests have run.
 *
 * @returns A function that makes one: for a command it does `onCommand`, with `$command` set
 */
export function fakeSsh(): (onCommand?: string, onMaster?: string) => string {
  const root = mkdtempSync(path.join(tmpdir(), "postern-fake-ssh-"));
  afterAll(() => rmSync(root, { recursive: true }));
  let count = 0;
  return (onCommand = RUN_HERE, onMaster = "exit 1") => {
    count += 1;
    const file = path.join(root, `ssh-${count}`);
    const script = `#!/bin/sh
case "$*" in
  *'-O check'*) exit 255 ;;
  *ControlMaster=yes*) ${onMaster} ;;
esac
while [ "$1" != -- ]; do shift; done
shift 2
command=$*
export SSH_CONNECTION='192.0.2.1 40000 192.0.2.2 22'
${onCommand}
`;
    writeFileSync(file, script);
    chmodSync(file, 0o755);
    return file;
  };
}
