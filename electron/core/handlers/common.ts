import { isAbsolute } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ShownWorkspace, Workspace } from '../../../shared/api/contract.ts';
import type { CallContext } from '../../../shared/api/server.ts';
import { parseNetwork } from '../../../shared/domain/network.ts';
import { WatchfloorError } from '../../../shared/domain/result.ts';
import type { Store } from '../../db/index.ts';
import type { RangeWorld } from '../../range/range-world.ts';
import type { AlertScopes } from '../alert-scopes.ts';
import { type Analysts, commandLineName } from '../analysts.ts';
import type { BackTests } from '../back-test.ts';
import type { CaseExchange } from '../case-exchange.ts';
import type { CaseFiles } from '../case-files/case-files.ts';
import type { Cases } from '../cases.ts';
import type { Clocks } from '../clocks.ts';
import type { Connections } from '../connections.ts';
import type { EveIntake } from '../eve-intake.ts';
import type { EvidenceKeeper } from '../evidence-keeper.ts';
import type { EvidenceReadings } from '../evidence-readings.ts';
import type { Handovers } from '../handovers.ts';
import type { Hub } from '../hub.ts';
import type { Mitigations } from '../mitigations.ts';
import type { WatchLog } from '../noise.ts';
import type { Rejected } from '../rejected.ts';
import type { Reports } from '../reports.ts';
import type { ReviewDoor } from '../review.ts';
import type { SecretStore } from '../secrets.ts';
import type { StatusView } from '../status.ts';
import type { Suppressions } from '../suppressions.ts';
import type { Uploads } from '../uploads.ts';
import type { WebhookOut } from '../webhook-out.ts';

/** What the handlers of all topics act with. */
export interface HandlerDeps {
  readonly store: Store;
  readonly scopes: AlertScopes;
  readonly hub: Hub;
  readonly analysts: Analysts;
  readonly cases: Cases;
  readonly caseFiles: CaseFiles;
  readonly caseExchange: CaseExchange;
  readonly uploads: Uploads;
  readonly evidenceReadings: EvidenceReadings;
  readonly connections: Connections;
  readonly mitigations: Mitigations;
  readonly reports: Reports;
  readonly handovers: Handovers;
  readonly secrets: SecretStore;
  readonly evidenceKeeper: EvidenceKeeper;
  readonly status: StatusView;
  readonly eveIntake: EveIntake;
  readonly rejected: Rejected;
  readonly backTests: BackTests;
  readonly watchLog: WatchLog;
  readonly webhookOut: WebhookOut;
  readonly suppressions: Suppressions;
  readonly clocks: Clocks;
  /** null outside the range. */
  readonly world: RangeWorld | null;
  readonly workspace: ShownWorkspace;
  readonly appVersion: string;
  readonly nowMs: () => number;
  /** Asks in the desktop's dialog where to save; null where there is no desktop. */
  readonly chooseSavePath: ((suggested: string) => Promise<string | null>) | null;
  readonly openWorkspace: (workspace: Workspace) => Promise<void>;
  readonly review: ReviewDoor;
  readonly isLiveConfigured: () => boolean;
}

export const done = { done: true } as const;

/** Who a caller is. */
export function callersOf(analysts: Analysts) {
  /** Who writes for a caller: the command line as itself. */
  const writerFor = async ({ caller }: CallContext) =>
    caller === 'command-line' ? analysts.namedWriter(commandLineName()) : analysts.writer();

  /** Whoever looks; null before anybody said their name. */
  const readerFor = (context: CallContext) =>
    context.caller !== 'command-line' && analysts.current() === null ? null : writerFor(context);
  return { writerFor, readerFor };
}

/** The whole path of a file, as it was told. */
export function absolute(path: string): string {
  if (isAbsolute(path) && !path.includes('\0')) return path;
  throw new WatchfloorError('bad-input', 'Give the whole path of the file.', path);
}

/** Networks, each as its CIDR. */
export function checkRanges(ranges: readonly string[]): string[] {
  return ranges.map((range) => {
    const parsed = parseNetwork(range);
    if (!parsed.ok) throw new WatchfloorError('bad-input', parsed.reason);
    return parsed.network.cidr;
  });
}

/** Does the steps of a search with turns for others between them; whoever asked for something else ends it. */
export async function inTurns<T>(steps: Generator<void, T, void>, context: CallContext): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await nextTurn();
    if (context.isCancelled()) throw new WatchfloorError('cancelled', 'The search was given up.');
  }
}
