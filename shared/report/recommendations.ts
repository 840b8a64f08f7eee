import type { Mitigation } from '../domain/mitigation.ts';
import { formatDuration, formatUtc, minuteMs } from '../domain/time.ts';
import type { ImpactRow, Recommendation, ResponseTimes } from './retrospective-model.ts';

export interface RecommendationFacts {
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly ongoing: boolean;
  readonly times: ResponseTimes;
  readonly impact: readonly ImpactRow[];
  readonly mitigations: readonly Mitigation[];
  readonly openTaskTitles: readonly string[];
  readonly evidenceCount: number;
  readonly savedSignalCount: number;
}

/** Beyond this a block by single addresses is better done by rate or by network, as an edge's rule. */
const manyEntries = 20;
const slowAcknowledgeMs = 15 * minuteMs;
const slowApprovalMs = 5 * minuteMs;
const earlyStageMs = 30_000;

const dead: readonly Mitigation['state'][] = ['rejected', 'failed', 'proposed'];

/**
 * What the facts of a case suggest. Each names the fact it rests on; where no fact speaks, nothing is suggested.
 */
export function recommend(facts: RecommendationFacts): Recommendation[] {
  return [...fromMitigations(facts), ...fromTimes(facts), ...fromImpact(facts), ...fromCase(facts)];
}

function fromMitigations({ mitigations, endMs, ongoing, impact }: RecommendationFacts): Recommendation[] {
  const found: Recommendation[] = [];
  const inForce = mitigations.filter((mitigation) => !dead.includes(mitigation.state));
  if (mitigations.length === 0 && impact.some((row) => row.direction === 'up')) {
    found.push({
      text: 'Agree an action plan with the customer, so that a block can be approved in minutes.',
      because: 'No countermeasure was asked for in this case.',
    });
  }
  for (const mitigation of inForce) {
    const stoppedMs = mitigation.endedMs ?? mitigation.expiresMs;
    const outlivedBy = stoppedMs === null || endMs === null ? 0 : endMs - stoppedMs;
    if (outlivedBy > 0 && mitigation.endedHow !== 'undone') {
      found.push({
        text: 'Plan for a longer block, or a renewal before it ends.',
        because: `The block on ${mitigation.targetName} ended ${formatDuration(outlivedBy)} before the incident did.`,
      });
    } else if (ongoing && mitigation.endedMs !== null) {
      found.push({
        text: 'Look whether the block has to be asked for again.',
        because: `The block on ${mitigation.targetName} ended at ${formatUtc(mitigation.endedMs)} and the incident goes on.`,
      });
    }
    if (mitigation.endedHow === 'lost' || mitigation.state === 'lost') {
      found.push({
        text: `Make blocks on ${mitigation.targetName} survive its reload.`,
        because: 'A block was no longer on its target although it should have been.',
      });
    } else if (mitigation.preview?.survivesReload === 'no') {
      found.push({
        text: `Let ${mitigation.targetName} keep its entries over a reload.`,
        because: 'A reload during the block would have lifted it.',
      });
    }
    if (mitigation.preview !== null && !mitigation.preview.endKeptByTarget) {
      found.push({
        text: `Let ${mitigation.targetName} end blocks by itself.`,
        because: 'The end of the block depended on Watchfloor being open.',
      });
    }
    if (mitigation.preview?.impact === null) {
      found.push({
        text: 'Connect a source that counts requests by client address.',
        because: `What the block would hit was not known: ${mitigation.preview.impactUnknownReason ?? 'no source could tell'}.`,
      });
    }
    if (mitigation.entries.length > manyEntries) {
      found.push({
        text: 'Consider a limit by rate, or by request pattern, over a list of addresses.',
        because: `The block held ${mitigation.entries.length} entries.`,
      });
    }
    if (mitigation.approvedMs !== null && mitigation.approvedMs - mitigation.proposedMs > slowApprovalMs) {
      found.push({
        text: 'Look at who may approve at this hour.',
        because: `Approval of the block on ${mitigation.targetName} took ${formatDuration(mitigation.approvedMs - mitigation.proposedMs)}.`,
      });
    }
  }
  for (const mitigation of mitigations) {
    if (mitigation.state === 'unknown') {
      found.push({
        text: `Check by hand what is in force on ${mitigation.targetName}.`,
        because: 'The target could not be asked, so the state of a block is not known.',
      });
    } else if (mitigation.state === 'failed') {
      found.push({
        text: `Look why ${mitigation.targetName} did not take the block.`,
        because: mitigation.sentence,
      });
    }
  }
  return withoutRepeats(found);
}

function fromTimes({ times }: RecommendationFacts): Recommendation[] {
  if (times.acknowledgeMs === null || times.acknowledgeMs <= slowAcknowledgeMs) return [];
  return [
    {
      text: 'Look at the load of the shift and at how this alert was announced.',
      because: `It took ${formatDuration(times.acknowledgeMs)} until a person had taken the alert.`,
    },
  ];
}

function fromImpact({ impact, startMs, times, savedSignalCount }: RecommendationFacts): Recommendation[] {
  const found: Recommendation[] = [];
  const first = impact[0];
  const detectedMs = startMs === null || times.detectMs === null ? null : startMs + times.detectMs;
  if (first !== undefined && detectedMs !== null && detectedMs - first.fromMs >= earlyStageMs) {
    found.push({
      text: `Watch ${first.name} (${first.stage}) more closely: it told first.`,
      because: `It deviated ${formatDuration(detectedMs - first.fromMs)} before the first alert.`,
    });
  }
  const atOrigin = impact.find((row) => row.stage === 'origin' && isHarm(row));
  if (atOrigin !== undefined && impact.some((row) => row.stage !== 'origin' && row.direction === 'up')) {
    found.push({
      text: 'Stop more of this before it reaches the origin: caching, a limit at the edge, more room at the origin.',
      because: `${atOrigin.name} at the origin left what is usual.`,
    });
  }
  for (const row of impact) {
    if (row.deviatedMs !== null && row.missingMs > 0.1 * row.deviatedMs && row.missingMs > minuteMs) {
      found.push({
        text: `Look at the source of ${row.name}.`,
        because: `${formatDuration(row.missingMs)} of its samples are missing within the incident.`,
      });
    }
  }
  if (savedSignalCount === 0) {
    found.push({
      text: 'Save the signals around the incident with the case.',
      because: 'No signals were saved, so impact in numbers and charts are missing here.',
    });
  }
  return found;
}

/** More latency or errors, or less of anything else, hurts; more requests alone does not. */
function isHarm(row: ImpactRow): boolean {
  const hurtsUpwards = row.unit === 'ms' || row.unit === 's' || /error|5xx|fail/i.test(row.name);
  return hurtsUpwards ? row.direction === 'up' : row.direction === 'down';
}

function fromCase({ openTaskTitles, evidenceCount }: RecommendationFacts): Recommendation[] {
  const found: Recommendation[] = [];
  const count = openTaskTitles.length;
  if (count > 0) {
    found.push({
      text: count === 1 ? 'Finish the open task.' : 'Finish the open tasks.',
      because: `${count} ${count === 1 ? 'task is' : 'tasks are'} open.`,
    });
  }
  if (evidenceCount === 0) {
    found.push({
      text: 'Keep a sample of the traffic or of the logs with the next case of this kind.',
      because: 'No evidence file belongs to this case.',
    });
  }
  return found;
}

function withoutRepeats(recommendations: readonly Recommendation[]): Recommendation[] {
  const seen = new Set<string>();
  return recommendations.filter(({ text, because }) => {
    const key = `${text}\n${because}`;
    return seen.has(key) ? false : seen.add(key);
  });
}
