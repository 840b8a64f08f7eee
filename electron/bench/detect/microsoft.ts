import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CsvSeries, parseCsvSeries } from '../../csv-series.ts';

/** A series whose anomalous points are labelled. */
export interface LabelledSeries extends CsvSeries {
  readonly name: string;
  readonly labels: readonly boolean[];
}

/** Reads a folder of `TimeStamp,Value,Label` files. */
export function readMicrosoft(folder: string): readonly LabelledSeries[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.csv'))
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const labels = text
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => /,"?1"?\s*$/.test(line));
      return { ...parseCsvSeries(text), name, labels };
    });
}

/** How well notifications and labelled runs agree. */
export interface EventScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/**
 * A labelled run is caught by a notification from `before` samples before it to `after` samples after it. Precision
 * is over notifications, recall over runs.
 */
export function eventScore(
  all: readonly { readonly labels: readonly boolean[]; readonly raised: readonly boolean[] }[],
  before = 2,
  after = 5,
): EventScore {
  let notifications = 0;
  let right = 0;
  let runs = 0;
  let caught = 0;
  for (const { labels, raised } of all) {
    const windows: { from: number; to: number; isCaught: boolean }[] = [];
    for (let index = 0; index < labels.length; index += 1) {
      if (!labels[index] || labels[index - 1]) continue;
      let end = index;
      while (labels[end + 1]) end += 1;
      windows.push({ from: index - before, to: end + after, isCaught: false });
    }
    for (const [index, isRaised] of raised.entries()) {
      if (!isRaised) continue;
      notifications += 1;
      const hit = windows.filter(({ from, to }) => index >= from && index <= to);
      if (hit.length > 0) right += 1;
      for (const window of hit) window.isCaught = true;
    }
    runs += windows.length;
    caught += windows.filter(({ isCaught }) => isCaught).length;
  }
  const precision = notifications === 0 ? 0 : right / notifications;
  const recall = runs === 0 ? 0 : caught / runs;
  return {
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
  };
}
