import { describe, expect, it } from 'vitest';
import type { BreakdownSummary, Incident } from '../domain/incident.ts';
import type { Finding } from '../domain/signal.ts';
import { minuteMs, secondMs } from '../domain/time.ts';
import type { SignalFacts } from './engine.ts';
import { emptyIncidentState, type IncidentState, refreshIncident, updateIncidents } from './incidents.ts';

const startMs = Date.UTC(2026, 2, 3, 2, 14);

type Made = Partial<Finding> &
  Pick<SignalFacts, 'measure'> & { readonly name?: string; readonly unit?: string };

/** A finding and its signal: times ten at the edge unless told otherwise. */
function change(made: Made): { finding: Finding; facts: SignalFacts } {
  const { measure, name, unit, ...given } = made;
  const stage = given.stage ?? 'edge';
  const direction = given.direction ?? 'up';
  const signalId = given.signalId ?? `${stage}.${measure}`;
  const finding: Finding = {
    id: `${signalId}@${given.startMs ?? startMs}`,
    signalId,
    customerId: 'customer-1',
    serviceId: 'service-1',
    stage,
    kind: 'deviation',
    direction,
    lane: 'actionable',
    state: 'open',
    startMs,
    peakMs: (given.startMs ?? startMs) + 4 * secondMs,
    endMs: null,
    observed: direction === 'up' ? 1_000 : 10,
    expected: 100,
    low: 80,
    high: 120,
    surprise: 20,
    historyMs: 14 * 24 * 60 * minuteMs,
    sentence: `${name ?? measure} is out.`,
    ...given,
  };
  return {
    finding,
    facts: {
      id: signalId,
      customerId: finding.customerId,
      serviceId: finding.serviceId,
      name: name ?? measure,
      unit: unit ?? (measure === 'bits' ? 'bit/s' : `${measure}/s`),
      stage,
      layer: 'L7',
      measure,
      stepMs: secondMs,
    },
  };
}

function play(
  changes: readonly { finding: Finding; facts: SignalFacts }[],
  breakdowns: readonly BreakdownSummary[] = [],
  afterMs = 5 * secondMs,
  alarms: readonly { readonly name: string; readonly atMs: number }[] = [],
): { state: IncidentState; incidents: (Incident | null)[]; last: Incident | null } {
  let state = emptyIncidentState();
  const incidents = changes.map((each) => {
    // States are stored as JSON between changes.
    const update = updateIncidents(JSON.parse(JSON.stringify(state)), each, {
      breakdowns,
      alarms,
      nowMs: each.finding.endMs ?? each.finding.startMs + afterMs,
    });
    state = update.state;
    return update.incident;
  });
  return { state, incidents, last: incidents.findLast((incident) => incident !== null) ?? null };
}

function summary(
  dimension: BreakdownSummary['dimension'],
  rows: readonly [value: string, count: number, usual: number][],
  mitigatedShare = 0,
): BreakdownSummary {
  return {
    dimension,
    total: rows.reduce((sum, [, count]) => sum + count, 0),
    usualTotal: rows.reduce((sum, [, , usual]) => sum + usual, 0),
    rows: rows.map(([value, count, usual]) => ({ value, count, usual, mitigated: count * mitigatedShare })),
    sourceName: 'edge-haproxy',
  };
}

const everybody = Array.from({ length: 200 }, (_, index): [string, number, number] => [
  `203.0.113.${index}`,
  30,
  10,
]);
const few: [string, number, number][] = [
  ['198.51.100.7', 9_000, 0],
  ['198.51.100.8', 6_000, 0],
  ...Array.from({ length: 150 }, (_, index): [string, number, number] => [`203.0.113.${index}`, 10, 10]),
];

describe('grouping', () => {
  it('findings of one service are one incident, in the order in which its stages deviated', () => {
    const { last, incidents } = play([
      change({ measure: 'rate', startMs: startMs + 10 * secondMs }),
      change({
        measure: 'latency',
        stage: 'origin',
        startMs: startMs + 50 * secondMs,
        name: 'Origin latency',
        unit: 'ms',
      }),
      change({ measure: 'bits', stage: 'network', startMs: startMs + 8 * secondMs }),
    ]);
    expect(new Set(incidents.map((incident) => incident?.id))).toEqual(
      new Set([`service-1@${startMs + 10 * secondMs}`]),
    );
    expect(last?.stageOrder).toEqual([
      { stage: 'network', startMs: startMs + 8 * secondMs },
      { stage: 'edge', startMs: startMs + 10 * secondMs },
      { stage: 'origin', startMs: startMs + 50 * secondMs },
    ]);
    expect(last?.firstStage).toBe('network');
    expect(last?.why).toContain('origin latency rose 40 s later');
  });

  it('findings of other services and customers are other incidents', () => {
    const { incidents } = play([
      change({ measure: 'rate' }),
      change({ measure: 'rate', serviceId: 'service-2', signalId: 'other' }),
      change({ measure: 'rate', customerId: 'customer-2', signalId: 'another' }),
    ]);
    expect(incidents.map((incident) => incident?.findingIds.length)).toEqual([1, 1, 1]);
  });

  it('closes with its last finding, and one that comes soon after opens it again', () => {
    const rate = change({ measure: 'rate' });
    const closed = {
      ...rate,
      finding: { ...rate.finding, state: 'closed' as const, endMs: startMs + 3 * minuteMs },
    };
    const soon = change({ measure: 'rate', startMs: startMs + 6 * minuteMs });
    const late = change({ measure: 'rate', startMs: startMs + 20 * minuteMs });
    const { incidents } = play([rate, closed, soon]);
    expect(incidents.map((incident) => [incident?.id, incident?.state])).toEqual([
      [`service-1@${startMs}`, 'open'],
      [`service-1@${startMs}`, 'closed'],
      [`service-1@${startMs}`, 'open'],
    ]);
    expect(play([rate, closed, late]).last?.id).toBe(`service-1@${startMs + 20 * minuteMs}`);
  });

  it('says nothing twice: the same finding again changes nothing', () => {
    const rate = change({ measure: 'rate' });
    expect(play([rate, rate]).incidents[1]).toBeNull();
  });

  it('the end of something that nobody knows any more begins nothing', () => {
    expect(play([change({ measure: 'rate', state: 'closed', endMs: startMs + minuteMs })]).incidents).toEqual(
      [null],
    );
  });

  it('good news and changes of unknown meaning tell nobody by themselves', () => {
    const { incidents } = play([
      change({ measure: 'latency', direction: 'down', lane: 'informational' }),
      change({ measure: 'other', stage: 'cache', lane: 'informational' }),
    ]);
    expect(incidents).toEqual([null, null]);
  });
});

describe('what it looks like', () => {
  const requests = change({ measure: 'rate', name: 'HTTP requests', unit: 'requests/s' });
  const errors = change({ measure: 'errors', stage: 'origin', name: 'Origin errors', unit: 'responses/s' });

  it('a few clients with one wish are a flood, with who and what', () => {
    const { last } = play(
      [requests, errors],
      [
        summary('source.ip', few, 0.08),
        summary('source.as', [
          ['AS64510', 15_000, 0],
          ['AS64500', 1_500, 1_500],
        ]),
        summary('url.path', [
          ['/login', 15_000, 100],
          ['/', 1_500, 1_400],
        ]),
        summary('http.method', [
          ['POST', 15_000, 100],
          ['GET', 1_500, 1_400],
        ]),
      ],
    );
    expect(last).toMatchObject({
      title: 'HTTP flood on /login',
      lane: 'actionable',
      severity: 'high',
      mitigated: 'partly',
      techniques: ['T1499.002'],
    });
    expect(last?.entities).toEqual([
      { kind: 'ip', value: '198.51.100.7', role: 'source' },
      { kind: 'ip', value: '198.51.100.8', role: 'source' },
      { kind: 'asn', value: 'AS64510', role: 'source' },
      { kind: 'path', value: '/login', role: 'destination' },
    ]);
    expect(last?.why).toBe(
      'HTTP requests is out; origin errors rose at the same time; at least 99% of the excess is POST /login from AS64510, 100% from 198.51.100.7 and 198.51.100.8; 8% mitigated.',
    );
  });

  it('many clients with their ordinary mix and healthy answers are a crowd, and call nobody', () => {
    const breakdowns = [
      summary('source.ip', everybody),
      summary('url.path', [
        ['/live', 4_500, 500],
        ['/', 1_500, 1_500],
      ]),
    ];
    const { last } = play([requests], breakdowns);
    expect(last).toMatchObject({
      title: 'Flash crowd on /live',
      lane: 'informational',
      severity: 'informational',
    });
    expect(last?.why).toContain('a crowd, not an attack');
    expect(play([requests, errors], breakdowns).last).toMatchObject({ lane: 'actionable', severity: 'high' });
  });

  it('a surge with nobody to name is called a surge, and no more', () => {
    const { last } = play([requests]);
    expect(last).toMatchObject({
      title: 'HTTP request surge',
      lane: 'actionable',
      severity: 'medium',
      mitigated: 'not-known',
      entities: [],
      techniques: [],
    });
  });

  it('a mild surge waits a little for word of who asks', () => {
    const mild = change({ measure: 'rate', observed: 250 });
    expect(play([mild]).last).toMatchObject({ lane: 'informational' });
    expect(play([mild], [], 2 * minuteMs).last).toMatchObject({ lane: 'actionable' });
  });

  it('evidence that comes later is taken in by a refresh', () => {
    const { state, last } = play([requests]);
    const breakdowns = [summary('source.ip', few), summary('url.path', [['/search', 16_000, 1_000]])];
    const refreshed = refreshIncident(state, last?.id ?? '', { breakdowns, nowMs: startMs + 20 * secondMs });
    expect(refreshed.incident).toMatchObject({ id: last?.id, title: 'HTTP flood on /search' });
    expect(
      refreshIncident(refreshed.state, last?.id ?? '', { breakdowns, nowMs: startMs + 30 * secondMs })
        .incident,
    ).toBeNull();
    expect(refreshIncident(state, 'nothing', { breakdowns, nowMs: startMs }).incident).toBeNull();
  });

  it('what the filters stop altogether is informational while the origin is well', () => {
    const { last } = play([requests], [summary('source.ip', few, 1)]);
    expect(last).toMatchObject({ mitigated: 'yes', lane: 'informational' });
    expect(last?.why).toContain('it is being stopped on the way and the origin is healthy');
  });

  it('refusals that the WAF accounts for call nobody; others do', () => {
    const stopped = change({
      measure: 'mitigated',
      stage: 'waf',
      lane: 'informational',
      observed: 600,
      expected: 50,
    });
    const refused = change({ measure: 'errors', observed: 700, expected: 100 });
    expect(play([stopped, refused]).last).toMatchObject({ lane: 'informational', mitigated: 'yes' });
    expect(play([refused]).last).toMatchObject({ title: 'Refused requests rising', lane: 'actionable' });
  });

  it.each([
    [
      'connections without requests',
      [change({ measure: 'connections', stage: 'network' })],
      'Connection flood',
    ],
    [
      'SYNs without requests',
      [change({ measure: 'connections', stage: 'network', unit: 'SYN/s' })],
      'SYN flood',
    ],
    [
      'sessions without more requests or connections',
      [change({ measure: 'saturation', stage: 'edge', unit: 'sessions' })],
      'Slow loris: sessions held open',
    ],
    [
      'sessions that pile up behind a slow origin',
      [
        change({ measure: 'saturation', stage: 'edge', unit: 'sessions' }),
        change({ measure: 'latency', stage: 'origin' }),
      ],
      'Origin slowing down',
    ],
    [
      'a name that is not found',
      [change({ measure: 'resolution', stage: 'client', kind: 'name-resolution', direction: 'down' })],
      'Name resolution failing',
    ],
    [
      'a certificate with two days left',
      [change({ measure: 'certificate', kind: 'certificate', direction: 'down', observed: 2 })],
      'Certificate about to expire',
    ],
    ['bits', [change({ measure: 'bits', stage: 'network' })], 'Network traffic surge'],
    ['origin errors alone', [errors], 'Origin failing'],
    ['origin latency alone', [change({ measure: 'latency', stage: 'origin' })], 'Origin slowing down'],
    [
      'reachability',
      [
        change({ measure: 'reachability', stage: 'client', direction: 'down', unit: '%' }),
        change({ measure: 'rate', direction: 'down' }),
      ],
      'Loss of reachability',
    ],
    ['a fall of requests', [change({ measure: 'rate', direction: 'down' })], 'Traffic dropped'],
    [
      'a silent source',
      [change({ measure: 'rate', kind: 'source-silent', direction: 'down' })],
      'Traffic dropped',
    ],
    [
      'an unreachable origin',
      [change({ measure: 'availability', stage: 'origin', kind: 'origin-unreachable', direction: 'down' })],
      'Origin unreachable',
    ],
  ])('%s', (name, changes, title) => {
    expect(play(changes).last?.title).toBe(name === 'a silent source' ? 'Source silent' : title);
  });

  it('UDP from reflectors is named by the protocol that they speak, and is a UDP flood where ports are not known', () => {
    const changes = [
      change({ measure: 'bits', stage: 'network' }),
      change({ measure: 'packets', stage: 'network' }),
    ];
    const udp = [
      summary('source.ip', few),
      summary('network.transport', [
        ['udp', 14_000, 0],
        ['tcp', 2_500, 2_500],
      ]),
    ];
    const unknown = play(changes, udp).last;
    expect(unknown).toMatchObject({ title: 'UDP flood', techniques: ['T1498.001'] });
    expect(unknown?.vector).toMatchObject({
      name: 'UDP flood',
      notKnown: expect.arrayContaining(['source.port', 'tcp.flags', 'packet.size']),
    });
    const ports = summary('source.port', [
      ['53', 8_000, 20],
      ['123', 6_000, 5],
      ['1024-65535', 2_500, 2_475],
    ]);
    const named = play(changes, [...udp, ports]).last;
    expect(named).toMatchObject({ title: 'DNS and NTP amplification flood', techniques: ['T1498.002'] });
    expect(named?.why).toContain('57% of the excess is UDP from port 53 (DNS)');
    expect(named?.vector?.parts).toContainEqual(
      expect.objectContaining({ dimension: 'source.port', value: '53' }),
    );
    expect(named?.vector?.notKnown).not.toContain('source.port');
  });

  it('segments tell a SYN flood from connections that are really made', () => {
    const flood = [change({ measure: 'connections', stage: 'network' })];
    const flags = (syn: number, ack: number) => [
      summary('source.ip', few),
      summary('tcp.flags', [
        ['SYN', syn, 300],
        ['ACK', ack, 1_200],
      ]),
      summary('destination.port', [['443', 16_500, 1_500]]),
    ];
    const syn = play(flood, flags(15_000, 1_300)).last;
    expect(syn?.title).toBe('SYN flood');
    expect(syn?.why).toContain('99% of the excess is TCP SYN to port 443');
    expect(play(flood, flags(3_000, 13_000)).last?.title).toBe('Connection flood');
  });

  it('ever other query strings on a path that the cache knows are a cache-busting flood', () => {
    const origin = change({ measure: 'rate', stage: 'origin', name: 'Origin requests', unit: 'requests/s' });
    const busy = (queries: [string, number, number][]) => [
      summary('source.ip', few),
      summary('url.path', [['/app.js', 15_500, 500]]),
      summary('http.method', [['GET', 16_500, 1_500]]),
      { ...summary('url.query', queries), total: 16_500, usualTotal: 1_500 },
    ];
    const different = Array.from({ length: 50 }, (_, index): [string, number, number] => [
      `_=${index}`,
      1,
      0,
    ]);
    const last = play([requests, origin], busy([['(none)', 1_400, 1_400], ...different])).last;
    expect(last?.title).toBe('Cache-busting flood on /app.js');
    expect(last?.why).toContain('GET /app.js with ever other query strings');
    expect(play([requests, origin], busy([['(none)', 16_000, 1_400]])).last?.title).toBe(
      'HTTP flood on /app.js',
    );
    expect(play([requests], busy([['(none)', 1_400, 1_400], ...different])).last?.title).toBe(
      'HTTP flood on /app.js',
    );
  });

  it('says when a filter first spoke, and how much later that was', () => {
    const filter = change({
      measure: 'mitigated',
      stage: 'waf',
      lane: 'informational',
      name: 'Stopped by the WAF',
      startMs: startMs + 12 * secondMs,
    });
    expect(play([requests]).last?.firstAlarm).toBeNull();
    expect(play([requests, filter]).last?.firstAlarm).toEqual({
      name: 'Stopped by the WAF',
      atMs: startMs + 12 * secondMs,
      leadMs: 12 * secondMs,
    });
    const alarms = [{ name: 'ET DOS inbound', atMs: startMs - 4 * secondMs }];
    expect(play([requests, filter], [], 0, alarms).last?.firstAlarm).toEqual({
      name: 'ET DOS inbound',
      atMs: startMs - 4 * secondMs,
      leadMs: -4 * secondMs,
    });
  });

  it('passwords being tried are told from a flood by method, path and answers', () => {
    const { last } = play(
      [change({ measure: 'errors', name: 'Refused requests' })],
      [
        summary('source.ip', few),
        summary('url.path', [
          ['/login', 9_000, 50],
          ['/', 1_500, 1_450],
        ]),
        summary('http.method', [
          ['POST', 9_000, 100],
          ['GET', 1_500, 1_400],
        ]),
        summary('http.status', [
          ['401', 8_900, 10],
          ['200', 1_600, 1_490],
        ]),
      ],
    );
    expect(last).toMatchObject({
      title: 'Credential stuffing on /login',
      severity: 'high',
      techniques: ['T1110.004'],
    });
  });
});

describe('how sure it is', () => {
  const barely = { surprise: 4, observed: 150 };

  it('one signal barely out calls nobody until it lasts; two together do', () => {
    const latency = change({ measure: 'latency', stage: 'origin', ...barely });
    expect(play([latency]).last).toMatchObject({ lane: 'informational' });
    expect(play([latency], [], 25 * minuteMs).last).toMatchObject({ lane: 'actionable' });
    const errors = change({ measure: 'errors', stage: 'origin', ...barely });
    expect(play([latency, errors]).last).toMatchObject({ lane: 'actionable' });
  });

  it('a person once called keeps it, whatever stops it then', () => {
    const { state, last } = play([change({ measure: 'rate' })], [summary('source.ip', few)]);
    const context = { breakdowns: [summary('source.ip', few, 1)], nowMs: startMs + 5 * minuteMs };
    expect(last?.lane).toBe('actionable');
    expect(refreshIncident(state, last?.id ?? '', context).incident).toMatchObject({
      lane: 'actionable',
      mitigated: 'yes',
    });
  });

  it('when it ends it keeps what was known at its worst', () => {
    const rate = change({ measure: 'rate' });
    const breakdowns = [summary('source.ip', few), summary('url.path', [['/search', 16_000, 1_000]])];
    const { state } = play([rate], breakdowns);
    const closed = { ...rate.finding, state: 'closed' as const, endMs: startMs + 4 * minuteMs };
    const ended = updateIncidents(
      state,
      { ...rate, finding: closed },
      { breakdowns: [], nowMs: startMs + 6 * minuteMs },
    );
    expect(ended.incident).toMatchObject({
      state: 'closed',
      closedMs: startMs + 4 * minuteMs,
      title: 'HTTP flood on /search',
      lane: 'actionable',
    });
    expect(ended.incident?.entities.length).toBeGreaterThan(0);
  });
});
