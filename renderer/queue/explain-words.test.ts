import { describe, expect, it } from 'vitest';
import type { Vector } from '../../shared/domain/incident.ts';
import { dimensions } from '../../shared/domain/signal.ts';
import { fakeFinding } from '../testing/fake-findings.ts';
import { fakeSignals } from '../testing/fake-signals.ts';
import {
  bandWords,
  leadSentence,
  mixGroups,
  notKnownSentence,
  orderSteps,
  stoppedLines,
} from './explain-words.ts';

describe('the mix', () => {
  const part = (
    dimension: Vector['parts'][number]['dimension'],
    value: string,
    share: number,
    usualShare: number,
  ) => ({
    dimension,
    value,
    share,
    usualShare,
  });

  it('begins with what is least like the usual, the largest value first', () => {
    const groups = mixGroups([
      part('network.transport', 'tcp', 1, 0.98),
      part('source.ip', '203.0.113.17', 0.2, 0),
      part('source.ip', '198.51.100.7', 0.31, 0.001),
      part('url.path', '/login', 0.82, 0.06),
    ]);
    expect(groups.map(({ dimension, parts }) => [dimension, parts.map(({ value }) => value)])).toEqual([
      ['url.path', ['/login']],
      ['source.ip', ['198.51.100.7', '203.0.113.17']],
      ['network.transport', ['tcp']],
    ]);
  });

  it('says what no source tells, and nothing where all is told', () => {
    expect(notKnownSentence({ notKnown: ['tcp.flags', 'packet.size'] })).toBe(
      'Not known: TCP flags, packet sizes; no source of this service tells them.',
    );
    expect(notKnownSentence({ notKnown: ['source.as'] })).toBe(
      'Not known: networks (ASN); no source of this service tells it.',
    );
    expect(notKnownSentence({ notKnown: [...dimensions] })).toBe(
      'Not known: what makes up the excess; no source of this service breaks its traffic down.',
    );
    expect(notKnownSentence({ notKnown: [] })).toBeNull();
  });
});

describe('the lead', () => {
  const alarm = (leadMs: number) => ({
    firstAlarm: { name: 'Stopped by the WAF', atMs: 0, leadMs },
    state: 'open' as const,
  });
  it.each([
    [alarm(11_000), '11 s before “Stopped by the WAF”'],
    [alarm(-4_000), '“Stopped by the WAF” spoke 4 s earlier'],
    [alarm(400), 'In the same second as “Stopped by the WAF”'],
    [{ firstAlarm: null, state: 'open' }, 'No firewall or filter has said anything so far'],
    [{ firstAlarm: null, state: 'closed' }, 'No firewall or filter said anything'],
  ] as const)('%o', (incident, sentence) => {
    expect(leadSentence(incident)).toBe(sentence);
  });

  it('writes a hostile name so that it is seen', () => {
    const sentence = leadSentence({
      firstAlarm: { name: 'a\u202eb', atMs: 0, leadMs: 2_000 },
      state: 'open',
    });
    expect(sentence).not.toContain('\u202e');
  });
});

describe('the life of a request', () => {
  it('counts from the first stage, and puts together what came in the same second', () => {
    expect(
      orderSteps([
        { stage: 'network', startMs: 5_000 },
        { stage: 'edge', startMs: 5_400 },
        { stage: 'waf', startMs: 5_900 },
        { stage: 'origin', startMs: 14_000 },
      ]),
    ).toEqual([
      { stages: ['network'], after: null },
      { stages: ['edge', 'waf'], after: 'same second' },
      { stages: ['origin'], after: '+9 s' },
    ]);
  });
});

describe('what was stopped', () => {
  it('is what counters of filters say', () => {
    const waf = { ...fakeFinding('shop.waf', 0, 'informational', 9), observed: 8_100, expected: 95 };
    const lines = stoppedLines([fakeFinding('shop.edge-rate', 0, 'actionable', 30), waf], (id) =>
      fakeSignals.find((signal) => signal.id === id),
    );
    expect(lines).toEqual(['Requests mitigated 8.1 k requests/s, usually 95']);
  });
});

describe('a band', () => {
  it.each([
    [38.6e6, 55.5e6, 'bit/s', '38.6–55.5 Mbit/s'],
    [925.7, 1_330, 'requests/s', '925.7–1.33 k'],
    [98.7, 100, '%', '98.7–100%'],
    [0, 0.44, 'errors/s', '0–0.44'],
    [9_600, 13_800, 'packets/s', '9.6–13.8 k'],
  ])('%d to %d %s', (low, high, unit, words) => {
    expect(bandWords({ low, high }, unit)).toBe(words);
  });
});
