/** Storage: one SQLite database in the data directory, one owner, one repository an aggregate. */
export { allSteps } from './alert-search.ts';
export { type EvidenceKey, newEvidenceKey } from './evidence-seal.ts';
export { openStore } from './open-store.ts';
export type * from './store.ts';
