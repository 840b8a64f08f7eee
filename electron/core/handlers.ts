import type { Handlers } from '../../shared/api/server.ts';
import { alertHandlers } from './handlers/alerts.ts';
import { appHandlers } from './handlers/app.ts';
import { caseFileHandlers } from './handlers/case-files.ts';
import { caseHandlers } from './handlers/cases.ts';
import type { HandlerDeps } from './handlers/common.ts';
import { connectionHandlers } from './handlers/connections.ts';
import { detectionHandlers } from './handlers/detection.ts';
import { handoverHandlers } from './handlers/handovers.ts';
import { mitigationHandlers } from './handlers/mitigations.ts';

/** What answers each method of the contract; the compiler asks for one that is missing. */
export function createHandlers(deps: HandlerDeps): Handlers {
  return {
    ...appHandlers(deps),
    ...connectionHandlers(deps),
    ...detectionHandlers(deps),
    ...alertHandlers(deps),
    ...caseHandlers(deps),
    ...caseFileHandlers(deps),
    ...mitigationHandlers(deps),
    ...handoverHandlers(deps),
  };
}
