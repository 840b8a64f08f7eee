import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../../shared/domain/incident.ts';
import { AppStoreContext, createAppStore } from '../state/store.ts';
import { fakeAlert } from '../testing/fake-alert.ts';
import { fakeFinding } from '../testing/fake-findings.ts';
import { fakeIncident } from '../testing/fake-incident.ts';
import { fakeSignals } from '../testing/fake-signals.ts';
import { Explain } from './explain.tsx';

const startMs = Date.UTC(2026, 2, 4, 2);
const findings = [fakeFinding('shop.waf', startMs, 'informational', 22)];

function wordsOf(change: Partial<Incident>): string {
  const incident = fakeIncident(fakeAlert(0, 1, startMs, startMs - 60_000), findings);
  if (incident === null) throw new Error('An alert of detection has an incident.');
  return renderToStaticMarkup(
    <AppStoreContext.Provider value={createAppStore()}>
      <Explain
        incident={{ ...incident, ...change }}
        findings={findings}
        signalOf={(id) => fakeSignals.find((signal) => signal.id === id)}
      />
    </AppStoreContext.Provider>,
  )
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

describe('an explained incident', () => {
  it('says what it is, in which order, how early, what was stopped, and what it is made of', () => {
    const words = wordsOf({});
    expect(words).toContain('Vector HTTP flood on /login 82% of the excess: POST /login');
    expect(words).toContain('Network L3/L4 first Edge +1 s Origin +9 s Client +14 s');
    expect(words).toContain('11 s before “Stopped by the WAF”');
    expect(words).toMatch(/Stopped Partly .*Requests mitigated [\d.]+ k requests\/s, usually/);
    expect(words).toContain('Paths /login 82% 6%');
  });

  it('names what no source tells, and never as zero', () => {
    const words = wordsOf({});
    const table = words.slice(words.indexOf('Made up of'), words.indexOf('Not known:'));
    expect(table).not.toContain('TCP flags');
    expect(words).toContain(
      'TCP flags, packet sizes, source ports, query strings; no source of this service tells them.',
    );
  });

  it('does without a vector and without an alarm', () => {
    const words = wordsOf({ vector: null, firstAlarm: null });
    expect(words).not.toContain('Vector');
    expect(words).not.toContain('Made up of');
    expect(words).toContain('No firewall or filter has said anything so far');
  });
});
