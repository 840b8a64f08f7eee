import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createDetector } from '../../shared/detection/detector.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { type Finding, type Measure, measures } from '../../shared/domain/signal.ts';
import { formatUtc, minuteMs } from '../../shared/domain/time.ts';

export function isMeasure(text: string): text is Measure {
  return (measures as readonly string[]).includes(text);
}

const longestFileBytes = 512 * 1024 * 1024;

/** Reads `timestamp,value` lines; timestamps without a zone are UTC; what is no number is a gap. */
export function parseSeries(csv: string): { timesMs: number[]; values: (number | null)[] } {
  const timesMs: number[] = [];
  const values: (number | null)[] = [];
  for (const line of csv.split('\n')) {
    const [time, value] = line.trim().split(',');
    if (time === undefined || value === undefined) continue;
    const stamp = /^\d+(\.\d+)?$/.test(time)
      ? Number(time) * (Number(time) > 1e11 ? 1 : 1_000)
      : Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(time) ? time : `${time.replace(' ', 'T')}Z`);
    if (!Number.isFinite(stamp)) continue;
    const number = value.trim() === '' ? Number.NaN : Number(value);
    timesMs.push(stamp);
    values.push(Number.isFinite(number) ? number : null);
  }
  return { timesMs, values };
}

function usualStepMs(timesMs: readonly number[]): number {
  const steps = timesMs
    .slice(1, 1_000)
    .map((time, index) => time - (timesMs[index] ?? time))
    .filter((step) => step > 0)
    .sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? minuteMs;
}

/** `detect`: one detector a file, findings as they stand at the end. */
export async function detectInFiles(options: {
  readonly files: readonly string[];
  readonly measure: Measure;
  readonly unit: string;
  readonly json: boolean;
}): Promise<number> {
  for (const file of options.files) {
    let csv: string;
    try {
      const bytes = readFileSync(file);
      if (bytes.length > longestFileBytes) throw new Error('larger than 512 MiB');
      csv = bytes.toString('utf8');
    } catch (thrown) {
      throw new WatchfloorError('bad-input', `${file} cannot be read.`, String(thrown));
    }
    const { timesMs, values } = parseSeries(csv);
    if (timesMs.length === 0)
      throw new WatchfloorError('bad-input', `${file} holds no line "timestamp,value".`);
    const name = basename(file, '.csv');
    const detector = createDetector({
      id: name,
      customerId: '',
      serviceId: '',
      name,
      unit: options.unit,
      stage: 'edge',
      layer: 'L7',
      measure: options.measure,
      stepMs: usualStepMs(timesMs),
    });
    const findings = new Map<string, Finding>();
    timesMs.forEach((timeMs, index) => {
      const { finding } = detector.step(timeMs, values[index] ?? null);
      if (finding) findings.set(finding.id, finding);
    });
    for (const finding of findings.values()) {
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ file, ...finding })}\n`
          : `${formatUtc(finding.startMs)}  ${finding.lane.padEnd(13)}  ${finding.sentence}\n`,
      );
    }
    process.stderr.write(
      `${file}: ${timesMs.length} samples, ${findings.size} findings, ${detector.baselineState}\n`,
    );
  }
  return 0;
}
