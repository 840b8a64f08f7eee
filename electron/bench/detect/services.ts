import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createDetector } from '../../../shared/detection/detector.ts';
import { factsOfSeries, judgeSample } from '../../../shared/detection/judge-series.ts';
import { minuteMs } from '../../../shared/domain/time.ts';
import { type EventScore, eventScore } from './microsoft.ts';

const stepMs = 5 * minuteMs;
/** Metrics of one service that notify within this many samples are one incident, from so many metrics on. */
const togetherSamples = 3;
const togetherMetrics = 4;
/** Samples without another notification that end it. */
const calmSamples = 12;

interface Service {
  readonly train: readonly (readonly number[])[];
  readonly test: readonly (readonly number[])[];
  readonly labels: readonly boolean[];
}

function readRows(path: string): number[][] {
  return gunzipSync(readFileSync(path))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
}

function readServices(folder: string): readonly Service[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.train.csv.gz'))
    .sort()
    .map((name) => {
      const path = (part: string) => join(folder, name.replace('.train.', `.${part}.`));
      return {
        train: readRows(path('train')),
        test: readRows(path('test')),
        labels: readRows(path('test_label')).map(([label]) => label === 1),
      };
    });
}

/** One incident over all metrics of a service: where it opens. One entry a test row. */
function incidentsOf({ train, test }: Service): readonly boolean[] {
  const rows = [...train, ...test];
  const metrics = rows[0]?.length ?? 0;
  const notified = rows.map(() => 0);
  const facts = factsOfSeries('metric', [0, stepMs]);
  for (let metric = 0; metric < metrics; metric += 1) {
    const detector = createDetector(facts);
    for (const [index, row] of rows.entries()) {
      const judged = judgeSample(detector, index * stepMs, row[metric] ?? null);
      if (judged.isActionableRaised || judged.isInformationalRaised)
        notified[index] = (notified[index] ?? 0) + 1;
    }
  }
  let lastMs = Number.NEGATIVE_INFINITY;
  return rows
    .map((_row, index) => {
      let together = 0;
      for (let back = 0; back < togetherSamples; back += 1) together += notified[index - back] ?? 0;
      if (together < togetherMetrics) return false;
      const isNew = index - lastMs > calmSamples;
      lastMs = index;
      return isNew;
    })
    .slice(train.length);
}

/** How incidents over the 19 metrics of a service agree with its labels: trained on the first part, judged on the second. */
export function measureServices(folder: string): EventScore {
  return eventScore(
    readServices(folder).map((service) => ({ labels: service.labels, raised: incidentsOf(service) })),
  );
}
