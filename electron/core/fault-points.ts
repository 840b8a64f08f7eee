/** Set by the build: false in a release, where fault points vanish. */
declare const __ALLOW_CORE_RUNNER__: boolean | undefined;

/** Places between two steps at which tests end the process as a crash would. */
export type FaultPoint =
  | 'ingest:before-commit'
  | 'ingest:after-commit'
  | 'inbox:after-keep'
  | 'mitigation:before-approved'
  | 'mitigation:after-approved'
  | 'mitigation:after-applying'
  | 'mitigation:after-apply'
  | 'mitigation:after-applied'
  | 'mitigation:after-verify'
  | 'mitigation:after-ending'
  | 'mitigation:after-revert'
  | 'case:before-commit'
  | 'upload:writing'
  | 'case-evidence:writing'
  | 'evidence-encrypt:writing'
  | 'evidence-encrypt:before-rename'
  | 'evidence-encrypt:before-removal'
  | 'case-export:writing'
  | 'case-export:before-rename'
  | 'case-import:verified'
  | 'case-import:before-commit'
  | 'case-import:after-commit'
  | 'handover:before-audit'
  | 'handover:before-commit'
  | 'alerts:before-commit'
  | 'alerts:after-commit';

let hits = 0;

/**
 * Ends this process with SIGKILL when the test asked for it: `WATCHFLOOR_FAULT_POINT=name` or `name:3` for the third
 * time the point is passed.
 */
export function faultPoint(name: FaultPoint): void {
  // Written out here, not kept in a variable, so that a release build drops all that follows.
  if (typeof __ALLOW_CORE_RUNNER__ !== 'undefined' && !__ALLOW_CORE_RUNNER__) return;
  const wanted = process.env.WATCHFLOOR_FAULT_POINT;
  if (wanted === undefined || !wanted.startsWith(name)) return;
  const count = wanted.length > name.length ? Number(wanted.slice(name.length + 1)) : 1;
  hits += 1;
  if (hits === count) process.kill(process.pid, 'SIGKILL');
}
