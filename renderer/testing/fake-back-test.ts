import type {
  BackTestMoment,
  BackTestOutcome,
  BackTestRequest,
  BackTestResult,
} from '../../shared/domain/back-test.ts';
import type { Finding } from '../../shared/domain/signal.ts';
import { dayMs, hourMs, minuteMs } from '../../shared/domain/time.ts';
import { fakeFinding } from './fake-findings.ts';

/** What a made-up core answers to a back-test: a surge a day, and a few small things that only one setting sees. */
export function fakeBackTest(request: BackTestRequest): BackTestResult {
  const { fromMs, toMs, signalIds } = request;
  const closed = (finding: Finding, lastedMs: number): Finding => ({
    ...finding,
    id: `${finding.id} replayed`,
    state: 'closed',
    endMs: finding.startMs + lastedMs,
    sentence: finding.sentence.replace(/, since .*/, ', for 22 min'),
  });
  const moments: BackTestMoment[] = [];
  for (let at = fromMs + 5 * hourMs, count = 0; at < toMs; at += 19 * hourMs, count += 1) {
    const signalId = signalIds[(count * 5) % signalIds.length] ?? '';
    const lane = count % 3 === 0 ? 'actionable' : 'informational';
    const finding = closed(fakeFinding(signalId, at, lane, 9), 22 * minuteMs);
    const isOnlyA = request.b !== null && count % 3 === 1;
    const isOnlyB = request.b !== null && count % 7 === 5;
    moments.push({
      signalId,
      startMs: at,
      a: isOnlyB ? null : finding,
      b: request.b === null || (isOnlyA && !isOnlyB) ? null : finding,
    });
  }
  const outcome = (which: 'a' | 'b'): BackTestOutcome => {
    const findings = moments.flatMap((moment) => moment[which] ?? []);
    const lanes = (rows: readonly Finding[]) => ({
      actionable: rows.filter(({ lane }) => lane === 'actionable').length,
      informational: rows.filter(({ lane }) => lane === 'informational').length,
    });
    const firstDay = Math.floor(fromMs / dayMs) * dayMs;
    return {
      findings: lanes(findings),
      incidents: lanes(findings),
      days: Array.from({ length: Math.ceil((toMs - firstDay) / dayMs) }, (_, index) => {
        const day = firstDay + index * dayMs;
        return {
          dayMs: day,
          ...lanes(findings.filter(({ startMs }) => startMs >= day && startMs < day + dayMs)),
        };
      }),
      incidentRows: findings.toReversed().map((finding) => ({
        id: finding.id,
        serviceId: finding.serviceId,
        lane: finding.lane,
        severity: finding.lane === 'actionable' ? 'high' : 'low',
        title: finding.lane === 'actionable' ? 'Request surge' : 'Unusual level',
        why: finding.sentence,
        openedMs: finding.startMs,
        closedMs: finding.endMs,
      })),
    };
  };
  return {
    fromMs,
    toMs,
    meansMs: null,
    samples: Math.round(((toMs - fromMs) / (15 * 1_000)) * signalIds.length),
    warmUp: { leastMs: 9 * dayMs, mostMs: 14 * dayMs },
    silentSignalIds: [],
    a: outcome('a'),
    b: request.b === null ? null : outcome('b'),
    agreement: {
      both: moments.filter(({ a, b }) => a !== null && b !== null).length,
      onlyA: moments.filter(({ b }) => b === null).length,
      onlyB: moments.filter(({ a }) => a === null).length,
    },
    moments: moments.toReversed(),
    momentsLeftOut: 0,
    scenario: null,
  };
}
