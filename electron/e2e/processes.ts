import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc tells of it (Linux). */
export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  readonly commandLine: readonly string[];
}

/** Every process that this user can see. Those that end meanwhile are left out. */
export function listProcesses(): readonly ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        // The command's name stands in brackets and may itself hold spaces and brackets.
        const [state, parentPid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') return [];
        const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').slice(0, -1);
        return [{ pid: Number(name), parentPid: Number(parentPid), commandLine }];
      } catch {
        return [];
      }
    });
}

/** All processes below one, whatever their depth. */
export function descendantsOf(pid: number): readonly ProcessInfo[] {
  const all = listProcesses();
  const found: ProcessInfo[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = all.filter((each) => parents.has(each.parentPid));
    found.push(...children);
    parents = new Set(children.map((each) => each.pid));
  }
  return found;
}

/** The process that runs the core's bundle below a shell. */
export function coreProcessOf(shellPid: number): ProcessInfo | null {
  return (
    descendantsOf(shellPid).find((each) => each.commandLine.some((word) => word.endsWith('core.cjs'))) ?? null
  );
}

/** Ends one process; without one to end it fails, where -1 would mean every process of the machine and 0 the test's own. */
export function endProcess(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined || pid <= 1) throw new Error('There is no process to end.');
  process.kill(pid, signal);
}
