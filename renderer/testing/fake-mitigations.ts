import type { Handlers } from '../../shared/api/server.ts';
import type { ActionPlan, LedgerRow, Mitigation, MitigationState } from '../../shared/domain/mitigation.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import type { FakeWorld } from './fake-world.ts';

/** A plan, and mitigations that go through their states by themselves. */
export function createFakeMitigations(world: FakeWorld) {
  const { situation, startMs, readClock, hasData, analyst, nextId, emit, statusChanged } = world;
  const mitigations = new Map<string, Mitigation>();
  const ledger: LedgerRow[] = [];
  const plan: ActionPlan = {
    id: 'plan-acme',
    customerId: 'acme',
    name: 'ACME-DDoS',
    version: 4,
    hash: 'a'.repeat(64),
    targetId: 'edge',
    agreedBy: 'Dana Fields, Acme Retail',
    agreedMs: startMs - 40 * 86_400_000,
    maxTtlMs: 4 * 3_600_000,
    defaultTtlMs: 30 * 60_000,
    widestPrefixV4: 24,
    widestPrefixV6: 48,
    maxEntriesPerHour: 20,
    samePersonMayApprove: true,
    loopbackAllowed: false,
    allowList: ['203.0.113.250/32'],
    retired: false,
  };
  const plans: ActionPlan[] = hasData ? [plan] : [];

  function preview(mitigation: Mitigation): Mitigation['preview'] {
    return {
      diff: mitigation.entries.map((entry) => ({
        sign: '+' as const,
        text: `${entry}  until ${new Date(readClock() + mitigation.ttlMs).toISOString().slice(11, 19)}Z`,
      })),
      impact: {
        windowMs: 300_000,
        sourceName: 'Simulated network',
        totalRequests: 128_400,
        hitRequests: 41_220,
        excessRequests: 40_871,
        ordinaryRequests: 349,
        hitClients: 12,
        estimated: false,
      },
      impactUnknownReason: null,
      endKeptByTarget: true,
      endSentence: 'By itself in 30 min; the target keeps the time, even if this app is closed.',
      undoSentence: `Removes these ${mitigation.entries.length} entries again.`,
      survivesReload: 'yes',
      madeMs: readClock(),
    };
  }

  function setMitigation(
    mitigation: Mitigation,
    state: MitigationState,
    sentence: string,
    change: Partial<Mitigation> = {},
  ): Mitigation {
    const next: Mitigation = { ...mitigation, ...change, state, sentence };
    mitigations.set(next.id, next);
    ledger.push({
      sequence: ledger.length + 1,
      mitigationId: next.id,
      timeMs: readClock(),
      actor: analyst.name ?? 'Watchfloor',
      state,
      sentence,
    });
    emit('mitigations.changed', { rows: [next] });
    statusChanged();
    return next;
  }

  function makeMitigation(
    input: {
      planId: string;
      caseId: string | null;
      alertId: string | null;
      entries: readonly string[];
      ttlMs: number;
      reason: string;
    },
    proposedBy: string,
  ): Mitigation {
    const entries = input.entries.map((entry) => (entry.includes('/') ? entry : `${entry}/32`));
    const base: Mitigation = {
      id: nextId('mitigation'),
      planId: plan.id,
      planName: plan.name,
      planHash: plan.hash,
      customerId: plan.customerId,
      targetId: plan.targetId,
      targetName: 'edge-haproxy',
      caseId: input.caseId,
      alertId: input.alertId,
      action: 'block',
      entries,
      ttlMs: input.ttlMs,
      reason: input.reason,
      hash: 'b'.repeat(64),
      state: 'proposed',
      sentence: 'Waits for approval.',
      guards: [
        {
          guard: 'own-ranges',
          passed: !entries.some((entry) => entry.startsWith('192.0.2.')),
          sentence: entries.some((entry) => entry.startsWith('192.0.2.'))
            ? '192.0.2.10/32 is in the customer’s own network 192.0.2.0/24.'
            : 'None of the entries is in the customer’s own ranges (1 checked).',
        },
        { guard: 'analyst-address', passed: true, sentence: 'Your own addresses are not hit.' },
        { guard: 'width', passed: true, sentence: 'All entries are /24 or narrower, as the plan allows.' },
        { guard: 'allow-list', passed: true, sentence: 'Nothing on the allow-list is hit (1 checked).' },
        { guard: 'rate', passed: true, sentence: `${entries.length} of 20 entries allowed this hour.` },
        { guard: 'plan-current', passed: true, sentence: 'The plan is version 4, agreed 40 d ago.' },
      ],
      preview: null,
      proposedBy,
      proposedMs: readClock(),
      approvedBy: null,
      approvedMs: null,
      approvalReason: null,
      appliedMs: null,
      verifiedMs: null,
      expiresMs: null,
      endedMs: null,
      endedHow: null,
      simulated: true,
    };
    return base;
  }

  function mitigationOf(id: string): Mitigation {
    const found = mitigations.get(id);
    if (!found) throw new WatchfloorError('not-found', 'There is no such mitigation here.');
    return found;
  }

  /** What is there from the start. */
  function seed(): void {
    const make = (state: MitigationState, sentence: string, change: Partial<Mitigation>) =>
      setMitigation(
        makeMitigation(
          {
            planId: plan.id,
            caseId: null,
            alertId: 'alert-0',
            entries: ['198.51.100.0/24', '203.0.113.17'],
            ttlMs: 1_800_000,
            reason: 'HTTP flood on /login',
          },
          'Kim Analyst',
        ),
        state,
        sentence,
        change,
      );
    make('proposed', 'Waits for approval.', {
      entries: ['198.51.100.0/24', '203.0.113.17/32', '203.0.113.44/32'],
    });
    make('verified', 'Active and read back from the target.', {
      approvedBy: 'Robin Keller',
      approvedMs: startMs - 600_000,
      appliedMs: startMs - 599_000,
      verifiedMs: startMs - 598_000,
      expiresMs: startMs + 1_140_000,
      preview: null,
    });
    if (situation === 'error')
      make('unknown', 'The target did not answer: nobody knows whether the block is there.', {
        approvedBy: 'Robin Keller',
        approvedMs: startMs - 60_000,
        expiresMs: startMs + 1_740_000,
      });
    make('ended', 'Ended by itself at its time.', {
      approvedBy: 'Robin Keller',
      approvedMs: startMs - 7_200_000,
      appliedMs: startMs - 7_199_000,
      verifiedMs: startMs - 7_198_000,
      expiresMs: startMs - 5_400_000,
      endedMs: startMs - 5_400_000,
      endedHow: 'by-itself',
    });
  }

  const handlers = {
    'plans.list': () => plans,
    'plans.save': (input) => {
      const saved: ActionPlan = {
        ...input,
        id: input.id ?? nextId('plan'),
        version: 1,
        hash: 'd'.repeat(64),
        agreedMs: readClock(),
        retired: false,
      };
      const place = plans.findIndex((each) => each.id === saved.id);
      if (place >= 0) plans[place] = { ...saved, version: (plans[place]?.version ?? 0) + 1 };
      else plans.push(saved);
      return saved;
    },
    'plans.retire': ({ id }) => {
      const found = plans.find((each) => each.id === id);
      if (!found) throw new WatchfloorError('not-found', 'There is no such plan.');
      found.retired = true;
      return found;
    },
    'mitigations.list': () => {
      // What is in force is shown as long as it can be read at all.
      return [...mitigations.values()];
    },
    'mitigations.propose': (input) => {
      const bad = input.entries.find((entry) => !/^[0-9a-f:.]+(\/\d+)?$/i.test(entry.trim()));
      if (bad)
        throw new WatchfloorError(
          'bad-input',
          `"${bad}" is not an address or network. Host names are not taken.`,
        );
      return setMitigation(
        makeMitigation(input, analyst.name ?? 'Analyst'),
        'proposed',
        'Waits for approval.',
      );
    },
    'mitigations.preview': ({ id }) => {
      const found = mitigationOf(id);
      const next = { ...found, preview: preview(found) };
      mitigations.set(id, next);
      return next;
    },
    'mitigations.approve': ({ id, reason }) => {
      const nowMs = readClock();
      const found = setMitigation(mitigationOf(id), 'applying', 'The target is being told.', {
        approvedBy: analyst.name,
        approvedMs: nowMs,
        approvalReason: reason,
      });
      setTimeout(
        () =>
          setMitigation(mitigationOf(id), 'applied', 'The target took it; it is being read back.', {
            appliedMs: readClock(),
            expiresMs: readClock() + found.ttlMs,
          }),
        700,
      );
      setTimeout(
        () =>
          setMitigation(mitigationOf(id), 'verified', 'Active and read back from the target.', {
            verifiedMs: readClock(),
          }),
        1_500,
      );
      return found;
    },
    'mitigations.reject': ({ id, reason }) =>
      setMitigation(mitigationOf(id), 'rejected', `Rejected: ${reason}`, {
        endedMs: readClock(),
        endedHow: 'rejected',
      }),
    'mitigations.apply': ({ id }) =>
      setMitigation(mitigationOf(id), 'verified', 'Active and read back from the target.'),
    'mitigations.verify': ({ id }) =>
      setMitigation(mitigationOf(id), 'verified', 'Active and read back from the target.', {
        verifiedMs: readClock(),
      }),
    'mitigations.undo': ({ id, reason }) =>
      setMitigation(mitigationOf(id), 'ended', `Taken back: ${reason}`, {
        endedMs: readClock(),
        endedHow: 'undone',
      }),
    'mitigations.ledger': ({ mitigationId, limit }) =>
      ledger
        .filter((row) => mitigationId === null || row.mitigationId === mitigationId)
        .slice(-limit)
        .reverse(),
    'mitigations.orphans': () =>
      situation === 'busy'
        ? [
            {
              targetId: 'edge',
              targetName: 'edge-haproxy',
              entry: '203.0.113.99/32',
              expiresMs: startMs + 600_000,
            },
          ]
        : [],
    'mitigations.removeOrphan': () => ({ done: true }),
  } satisfies Partial<Handlers>;
  return { list: () => [...mitigations.values()], seed, handlers };
}
