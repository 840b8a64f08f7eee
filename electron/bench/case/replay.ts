import type { EntryPayload } from '../../../shared/domain/case.ts';
import { dayMs, minuteMs } from '../../../shared/domain/time.ts';
import { uniform } from '../../../shared/testing/random.ts';
import { openStore } from '../../db/index.ts';
import { say } from '../bench.ts';
import { type DrivenPage, until } from '../chromium.ts';
import { onCasePage, percentile } from './page.ts';
import { benchOpening, benchPayload, benchWriter, seededNowMs } from './seed.ts';

const occurrencesAnAlert = 20;
const entriesATransaction = 20;
const signals = 8;
const seeks = 100;
/** What draws after a seek begins to long before this. */
const quietMs = 100;

/** A signal over the whole day, by the minute. */
function savedSignals(): EntryPayload {
  const timesMs = Array.from({ length: dayMs / minuteMs }, (_, index) => seededNowMs + index * minuteMs);
  return {
    kind: 'signals-saved',
    sliceId: 'sl_bench',
    title: 'The whole day',
    fromMs: seededNowMs,
    toMs: seededNowMs + dayMs,
    signals: Array.from({ length: signals }, (_, signal) => ({
      name: `Requests ${signal}`,
      unit: 'requests/s',
      stage: 'edge',
      window: {
        signalId: `si_${signal}`,
        stepMs: minuteMs,
        rolledUp: false,
        timesMs,
        values: timesMs.map((_, index) => 100 + 90 * uniform(1, signal, index)),
        expected: timesMs.map(() => 150),
        low: timesMs.map(() => 100),
        high: timesMs.map(() => 200),
        gaps: [],
        findings: [],
      },
    })),
  };
}

/** An incident of 24 hours: half of its entries link alerts, each of which came twenty times. */
function seedLongIncident(folder: string, entries: number): void {
  const clock = { nowMs: seededNowMs };
  const store = openStore(folder, { nowMs: () => clock.nowMs, appVersion: 'bench' });
  try {
    const writer = benchWriter(store);
    store.writers.setCurrentAnalyst('an_bench');
    const source = { id: 'so_bench', kind: 'suricata-eve', customerId: null } as const;
    const alerts = Math.floor(entries / 2);
    const stepMs = dayMs / entries;
    for (let first = 0; first < alerts; first += 250) {
      const occurrences = Array.from({ length: Math.min(250, alerts - first) }, (_, index) =>
        Array.from({ length: occurrencesAnAlert }, (_each, number) => ({
          identity: `${first + index} ${number}`,
          deduplicationKey: `key ${first + index}`,
          windowMs: 0,
          occurredMs: seededNowMs + (first + index) * 2 * stepMs + number * minuteMs,
          title: `HTTP flood on /login, part ${first + index}`,
          why: 'Requests 14.2x above the usual Tuesday 02:00 for 3 min.',
          severity: 'high' as const,
          lane: 'actionable' as const,
          mitigated: 'no' as const,
          sourceState: null,
          entities: [],
          techniques: [],
          customerName: null,
          serviceName: null,
          raw: '{}',
          correlationKey: null,
        })),
      ).flat();
      clock.nowMs = Math.max(...occurrences.map(({ occurredMs }) => occurredMs));
      store.alerts.ingest(source, occurrences, clock.nowMs);
    }
    clock.nowMs = seededNowMs;
    const { id } = store.cases.open(writer, [benchOpening, savedSignals()]);
    const links = [...store.alerts.each()].map(
      (alert): EntryPayload => ({
        kind: 'alert-linked',
        alertId: alert.id,
        title: alert.title,
        why: alert.why,
        severity: alert.severity,
        firstSeenMs: alert.firstSeenMs,
        lastSeenMs: alert.lastSeenMs,
        count: alert.count,
      }),
    );
    store.transaction(() => {
      for (let number = 2; number < entries; number += entriesATransaction) {
        clock.nowMs = seededNowMs + number * stepMs;
        const said = Array.from({ length: Math.min(entriesATransaction, entries - number) }, (_, index) => {
          const link = (number + index) % 2 === 0 ? links[(number + index) / 2 - 1] : undefined;
          return link ?? benchPayload(number + index);
        });
        store.cases.append(id, writer, said);
      }
    });
  } finally {
    store.close();
  }
}

const slider = `document.querySelector('.scrubber')`;

/**
 * Times one seek in the page: from the press on the scrubber until the last of what it changed is painted. It is over
 * when nothing of the replay changed for a while.
 */
const timer = `(() => {
  globalThis.__seek = new Promise((resolve) => {
    addEventListener('pointerdown', ({ timeStamp }) => {
      let changedMs = 0;
      let paintedMs = 0;
      const observer = new MutationObserver(() => {
        changedMs = performance.now();
        requestAnimationFrame(() => {
          const painted = new MessageChannel();
          painted.port1.onmessage = () => { paintedMs = performance.now(); };
          painted.port2.postMessage(null);
        });
      });
      const replay = document.querySelector('section[aria-label="Replay"]');
      observer.observe(replay, { subtree: true, childList: true, attributes: true, characterData: true });
      const look = () => {
        if (paintedMs < changedMs || changedMs === 0 || performance.now() - changedMs < ${quietMs}) {
          return requestAnimationFrame(look);
        }
        observer.disconnect();
        resolve(paintedMs - timeStamp);
      };
      requestAnimationFrame(look);
    }, { capture: true, once: true });
  });
})()`;

async function timedSeeks(page: DrivenPage, count: number): Promise<number[]> {
  const box: unknown = await page.evaluate(
    `(({ left, top, width, height }) => [left, top + height / 2, width])(${slider}.getBoundingClientRect())`,
  );
  const [left = 0, middle = 0, width = 0] = Array.isArray(box) ? box.map(Number) : [];
  const times: number[] = [];
  for (let number = 0; number < count; number += 1) {
    await page.evaluate(timer);
    // Never twice the same place, which would change nothing.
    const share = ((number % 2) + uniform(3, 7, number)) / 2;
    await page.click(left + 1 + share * (width - 2), middle);
    times.push(Number(await page.evaluate('globalThis.__seek')));
  }
  return times;
}

/**
 * Seeks through a replay of 24 hours on its screen. Empty where there is no browser to draw it.
 * @param entries of the case; half as many alerts
 */
export async function measureReplay(
  folder: string,
  entries: number,
): Promise<{ replayOpenMs?: number; replaySeekMedianMs?: number; replaySeekP95Ms?: number }> {
  say(`seeding an incident of 24 hours with ${entries} entries`);
  seedLongIncident(folder, entries);
  const measured = await onCasePage(folder, async (page) => {
    await page.press('Enter');
    await until(page, `document.querySelector('section[aria-label="Case"] .tabs, .case-id') !== null`);
    const startedMs = performance.now();
    await page.press('r');
    await until(page, `${slider} !== null`);
    const replayOpenMs = performance.now() - startedMs;
    await timedSeeks(page, 5);
    const times = await timedSeeks(page, seeks);
    return {
      replayOpenMs,
      replaySeekMedianMs: percentile(times, 0.5),
      replaySeekP95Ms: percentile(times, 0.95),
    };
  });
  return measured ?? {};
}
