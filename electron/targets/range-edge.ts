import { WatchfloorError } from '../../shared/domain/result.ts';
import { formatUtc, minuteMs } from '../../shared/domain/time.ts';
import { edgeManagementAddress } from '../../shared/testing/range-network.ts';
import { rangeWorld } from '../range/current-world.ts';
import type { RangeWorld } from '../range/range-world.ts';
import type { TargetKind } from './target.ts';

const impactWindowMs = 5 * minuteMs;

function worldNow(): RangeWorld {
  const world = rangeWorld();
  if (world === null) {
    throw new WatchfloorError(
      'unavailable',
      "The range's edge exists only in the range. Nothing was changed; open the range to use it.",
    );
  }
  return world;
}

/** The edge of the simulated network: blocks here really change its traffic, and nothing outside it. */
export const rangeEdgeTargetKind: TargetKind = {
  descriptor: {
    kind: 'range-edge',
    role: 'target',
    name: "Range's edge (SIMULATED)",
    summary: 'The border filter of the simulated network. Each entry ends by itself.',
    mode: 'target',
    userAddable: false,
    fields: [],
    setup: [],
  },
  create: () => ({
    async preview(action) {
      const present = new Map(
        worldNow()
          .edge.entries()
          .map((entry) => [entry.entry, entry.expiresMs]),
      );
      return {
        diff: action.entries.map(({ entry, expiresMs }) => {
          const same = present.get(entry) === expiresMs;
          return {
            sign: same ? ('=' as const) : ('+' as const),
            text: `drop from ${entry} until ${formatUtc(expiresMs)}`,
          };
        }),
        endKeptByTarget: true,
        endSentence: 'Each entry ends by itself on the edge, even while Watchfloor is closed.',
        undoSentence:
          action.entries.length === 1
            ? 'Removes this entry from the edge.'
            : `Removes these ${action.entries.length} entries from the edge.`,
        survivesReload: 'yes',
      };
    },
    async apply(action) {
      worldNow().edge.put(action.entries);
    },
    async verify(action) {
      const present = new Map(
        worldNow()
          .edge.entries()
          .map((entry) => [entry.entry, entry]),
      );
      return {
        present: action.entries.flatMap(({ entry }) => {
          const found = present.get(entry);
          return found === undefined ? [] : [{ entry: found.entry, expiresMs: found.expiresMs }];
        }),
        missing: action.entries.filter(({ entry }) => !present.has(entry)).map(({ entry }) => entry),
      };
    },
    async revert(action) {
      worldNow().edge.remove(action.entries.map(({ entry }) => entry));
    },
    async list() {
      return worldNow().edge.entries();
    },
    async impact() {
      const clients = worldNow().edge.clients(impactWindowMs);
      return {
        windowMs: impactWindowMs,
        clients,
        totalRequests: clients.reduce((sum, client) => sum + client.requests, 0),
        estimated: false,
      };
    },
    async test() {
      const world = rangeWorld();
      return world === null
        ? { ok: false, lines: [{ level: 'error', text: "The range's edge exists only in the range." }] }
        : {
            ok: true,
            lines: [
              {
                level: 'ok',
                text: `SIMULATED edge answers: ${world.edge.entries().length} entries in force.`,
              },
            ],
          };
    },
    managementAddresses: () => [edgeManagementAddress],
  }),
};
