import { hourMs, minuteMs } from '../../shared/domain/time.ts';
import type { Store } from '../db/index.ts';
import { setRangeWorld } from '../range/current-world.ts';
import { createRangeWorld, type RangeWorld } from '../range/range-world.ts';

export interface OpenRange extends RangeWorld {
  close(): void;
}

const defaultSeed = 1;

/** `WATCHFLOOR_RANGE_SEED` and `WATCHFLOOR_RANGE_SCENARIOS=manual` set up a range for tests and demonstrations. */
function settingsFromEnvironment(): { seed: number; autoScenarios: boolean } {
  const seed = Number(process.env.WATCHFLOOR_RANGE_SEED ?? defaultSeed);
  return {
    seed: Number.isInteger(seed) && seed >= 0 ? seed : defaultSeed,
    autoScenarios: process.env.WATCHFLOOR_RANGE_SCENARIOS !== 'manual',
  };
}

/**
 * Makes the simulated network of a range workspace and, at its first opening, the customers, the source, the edge
 * and an action plan for each customer, so that everything can be tried at once.
 */
export function openRange(deps: {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly nowMs: () => number;
}): OpenRange {
  const { store } = deps;
  const settings = settingsFromEnvironment();
  const known = store.connections.list('source').find((connection) => connection.kind === 'range');
  const seed = typeof known?.settings.seed === 'number' ? known.settings.seed : settings.seed;
  const world = createRangeWorld({
    seed,
    nowMs: deps.nowMs,
    directory: deps.dataDirectory,
    customerName: (id) => store.customers.get(id)?.name ?? null,
    customerId: (name) => store.customers.list().find((customer) => customer.name === name)?.id ?? null,
  });
  world.configure({ seed, autoScenarios: settings.autoScenarios });
  setRangeWorld(world);

  store.transaction(() => {
    const edge =
      store.connections.list('target').find((connection) => connection.kind === 'range-edge') ??
      store.connections.save({
        id: null,
        role: 'target',
        kind: 'range-edge',
        name: 'range-edge',
        customerId: null,
        enabled: true,
        settings: {},
        simulated: true,
      });
    const plans = store.plans.list();
    for (const simulated of world.network.customers) {
      const customer = store.customers.findOrCreateByName(simulated.name);
      if (customer.ownRanges.length === 0) {
        store.customers.save({ ...customer, ownRanges: [...simulated.ownRanges] });
      }
      if (plans.some((plan) => plan.customerId === customer.id)) continue;
      store.plans.save({
        id: null,
        customerId: customer.id,
        name: `${simulated.name} edge blocks`,
        targetId: edge.id,
        agreedBy: `${simulated.name}, head of operations (SIMULATED)`,
        maxTtlMs: 4 * hourMs,
        defaultTtlMs: 30 * minuteMs,
        widestPrefixV4: 24,
        widestPrefixV6: 48,
        maxEntriesPerHour: 100,
        samePersonMayApprove: true,
        loopbackAllowed: false,
        allowList: [],
      });
    }
    if (!known) {
      store.connections.save({
        id: null,
        role: 'source',
        kind: 'range',
        name: 'Range',
        customerId: null,
        enabled: true,
        settings: { seed, speed: 1, autoScenarios: settings.autoScenarios },
        simulated: true,
      });
    }
  });

  return Object.assign(world, { close: () => setRangeWorld(null) });
}
