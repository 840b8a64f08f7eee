import { describe, expect, test } from 'vitest';
import { minuteMs, secondMs } from '../domain/time.ts';
import { notAssessed } from '../testing/case-entry.ts';
import { buildRetrospective } from './retrospective.ts';
import {
  entriesOf,
  floodAlert,
  floodEndMs,
  floodHourMs,
  floodInput,
  floodMitigation,
  floodStartMs,
  floodState,
} from './testing/flood-case.ts';

const nothing = {
  ...floodState,
  alerts: [],
  slices: [],
  notes: [],
  tasks: [],
  observables: [],
  evidence: [],
  techniques: [],
  timeline: entriesOf([]),
};

describe('buildRetrospective', () => {
  test('says what happened from the facts', () => {
    expect(buildRetrospective(floodInput()).summary).toBe(
      'An incident at Acme (shop) began at 2026-03-03T02:10:20Z and ended at 2026-03-03T02:31:00Z, 20 min later. ' +
        'HTTP requests reached 8.2 k requests/s where 540 to 620 requests/s is usual (14.1 times), about 9.14 M requests more than expected. ' +
        'The first to deviate was Origin latency p95 (origin), 40 s earlier. ' +
        'At the origin, Origin latency p95 reached 940 ms where 90 ms to 150 ms is usual (7.83 times). ' +
        '2 networks were blocked on edge-haproxy, the first 4 min 2 s after the beginning.',
    );
  });

  test('measures the times as its footnotes define them', () => {
    const model = buildRetrospective(floodInput());
    expect(model.times).toEqual({
      detectMs: 85 * secondMs,
      acknowledgeMs: 55 * secondMs,
      mitigateMs: 242 * secondMs,
    });
    expect([model.startMs, model.endMs, model.ongoing]).toEqual([
      floodStartMs - 40 * secondMs,
      floodEndMs,
      false,
    ]);
  });

  test('begins with what dated events say, and was noticed when they were', () => {
    const event = {
      id: 'ev_1',
      title: 'A customer called',
      text: '',
      occurredMs: floodStartMs - 5 * minuteMs,
      detectedMs: floodStartMs - 2 * minuteMs,
      recordedMs: floodEndMs,
      writerName: 'Ada',
      entryId: 'en_1',
      revisedMs: null,
    };
    const model = buildRetrospective(floodInput({ case: { ...floodState, events: [event] } }));
    expect(model.startMs).toBe(event.occurredMs);
    expect(model.endMs).toBe(floodEndMs);
    expect(model.times.detectMs).toBe(3 * minuteMs);
    const alone = buildRetrospective(
      floodInput({ case: { ...nothing, events: [event] }, alerts: [], mitigations: [] }),
    );
    expect([alone.startMs, alone.endMs, alone.ongoing]).toEqual([event.occurredMs, null, false]);
    expect(alone.summary).toContain('; when it ended is not known');
  });

  test('knows nothing where nothing is known, and never says 0', () => {
    const model = buildRetrospective(
      floodInput({ case: nothing, alerts: [], mitigations: [], firstAcknowledgedMs: null, chain: null }),
    );
    expect(model.times).toEqual({ detectMs: null, acknowledgeMs: null, mitigateMs: null });
    expect([model.startMs, model.endMs, model.ongoing]).toEqual([null, null, false]);
    expect(model.summary).toBe(
      'This case concerns Acme (shop). No alert or finding is linked to it yet. No countermeasure was asked for.',
    );
    expect(model.impact).toEqual([]);
    expect(model.attackNotice).toBeNull();
  });

  test('does not know the time to mitigate of a block that was not confirmed', () => {
    const mitigation = { ...floodMitigation, verifiedMs: null, state: 'unknown' } as const;
    const model = buildRetrospective(floodInput({ mitigations: [{ mitigation, ledger: [] }] }));
    expect(model.times.mitigateMs).toBeNull();
    expect(model.summary).toContain('No countermeasure is known to have come into force.');
    expect(model.recommendations.map(({ text }) => text)).toContain(
      'Check by hand what is in force on edge-haproxy.',
    );
  });

  test('does not know times that would be negative: clocks differ', () => {
    const late = { ...floodAlert, receivedMs: floodStartMs - 10 * minuteMs };
    expect(buildRetrospective(floodInput({ alerts: [late] })).times.detectMs).toBeNull();
  });

  test('goes on while a finding is open', () => {
    const open = floodState.slices[0]?.signals[0]?.window.findings[0];
    if (open === undefined) throw new Error('The flood has a finding.');
    const model = buildRetrospective(floodInput({ findings: [{ ...open, endMs: null, state: 'open' }] }));
    expect([model.endMs, model.ongoing]).toEqual([null, true]);
    expect(model.summary).toContain('began at 2026-03-03T02:10:20Z, and goes on as of 2026-03-03T03:30:00Z.');
    const requests = model.impact.find((row) => row.signalId === 'si_requests');
    expect(requests?.toMs).toBeNull();
  });

  test('gives the impact in numbers', () => {
    const [latency, requests] = buildRetrospective(floodInput()).impact;
    expect(requests).toEqual({
      signalId: 'si_requests',
      name: 'HTTP requests',
      unit: 'requests/s',
      stage: 'edge',
      direction: 'up',
      peak: 8_200,
      peakMs: floodStartMs + 4 * minuteMs,
      usual: 580,
      usualLow: 540,
      usualHigh: 620,
      factor: 8_200 / 580,
      surprise: 12,
      fromMs: floodStartMs,
      toMs: floodEndMs,
      deviatedMs: 20 * minuteMs,
      excess: { amount: (8_200 - 580) * 20 * 60, unit: 'requests' },
      missingMs: 0,
    });
    expect([latency?.name, latency?.excess]).toEqual(['Origin latency p95', null]);
    expect(buildRetrospective(floodInput()).steadySignals).toEqual(['Cache hit ratio']);
  });

  test('tells a mitigation from its ledger, not twice', () => {
    const rows = buildRetrospective(floodInput()).timeline.filter((row) => row.kind === 'mitigation');
    expect(rows.map(({ actor, text }) => [actor, text])).toEqual([
      ['R. Okafor', 'Asked to block 2 networks.'],
      ['M. Lindqvist', 'Approved the block.'],
      ['core', 'edge-haproxy took 2 entries.'],
      ['core', 'Read back: 2 of 2 in force.'],
      ['core', 'Ended by itself.'],
    ]);
    const without = buildRetrospective(floodInput({ mitigations: [] }));
    expect(without.timeline.filter((row) => row.kind === 'mitigation').map(({ text }) => text)).toEqual([
      'edge-haproxy: In force.',
    ]);
  });

  test('suggests only what a fact speaks for', () => {
    expect(buildRetrospective(floodInput()).recommendations).toEqual([
      {
        text: 'Plan for a longer block, or a renewal before it ends.',
        because: 'The block on edge-haproxy ended 6 min 38 s before the incident did.',
      },
      {
        text: 'Let edge-haproxy keep its entries over a reload.',
        because: 'A reload during the block would have lifted it.',
      },
      {
        text: 'Watch Origin latency p95 (origin) more closely: it told first.',
        because: 'It deviated 1 min 25 s before the first alert.',
      },
      {
        text: 'Stop more of this before it reaches the origin: caching, a limit at the edge, more room at the origin.',
        because: 'Origin latency p95 at the origin left what is usual.',
      },
      { text: 'Finish the open task.', because: '1 task is open.' },
    ]);
  });

  test('marks what comes from the range', () => {
    expect(buildRetrospective(floodInput()).simulated).toBe(false);
    expect(buildRetrospective(floodInput({ case: { ...floodState, simulated: true } })).simulated).toBe(true);
  });

  test('bounds its lists and counts what it leaves out', () => {
    const observables = Array.from({ length: 700 }, (_, index) => ({
      id: `ob_${index}`,
      kind: 'ip' as const,
      value: `198.51.100.${index % 256}`,
      from: 'alert' as const,
      addedMs: floodHourMs,
      ...notAssessed,
    }));
    const timeline = entriesOf(
      Array.from({ length: 600 }, (_, index) => ({
        timeMs: floodHourMs + index,
        payload: { kind: 'technique-tagged', techniqueId: 'T1498' } as const,
      })),
    );
    const model = buildRetrospective(floodInput({ case: { ...floodState, observables, timeline } }));
    expect([model.observables.length, model.observablesLeftOut]).toEqual([500, 200]);
    expect([model.timeline.length, model.timelineLeftOut]).toEqual([500, 110]);
  });
});

test('observables that came in one go are one event of the timeline, defanged', () => {
  const added = (value: string, timeMs: number) =>
    ({
      timeMs,
      payload: { kind: 'observable-added', observableId: value, entityKind: 'ip', value, from: 'alert' },
    }) as const;
  const timeline = entriesOf([
    ...Array.from({ length: 7 }, (_, index) => added(`198.51.100.${index}`, floodStartMs + index)),
    added('203.0.113.9', floodStartMs + 60 * secondMs),
  ]);
  const rows = buildRetrospective(floodInput({ case: { ...floodState, timeline } })).timeline;
  expect(rows.filter(({ kind }) => kind === 'analyst').map(({ text }) => text)).toEqual([
    'Added 7 observables: 198[.]51[.]100[.]0, 198[.]51[.]100[.]1, 198[.]51[.]100[.]2, 198[.]51[.]100[.]3, 198[.]51[.]100[.]4 and 2 more',
    'Added observable (ip): 203[.]0[.]113[.]9',
  ]);
});

test('the headline is what is furthest out where requests did not surge', () => {
  const [slice] = floodState.slices;
  const [requests, latency] = slice?.signals ?? [];
  const [found] = requests?.window.findings ?? [];
  if (slice === undefined || requests === undefined || latency === undefined || found === undefined) {
    throw new Error('The flood has saved signals.');
  }
  const fell = { ...found, direction: 'down', observed: 400, low: 540, high: 620 } as const;
  const signals = [{ ...requests, window: { ...requests.window, findings: [fell] } }, latency];
  const { summary } = buildRetrospective(
    floodInput({ case: { ...floodState, slices: [{ ...slice, signals }] } }),
  );
  expect(summary).toContain('Origin latency p95 reached 940 ms where 90 ms to 150 ms is usual (7.83 times).');
  expect(summary).not.toContain('HTTP requests');
});
