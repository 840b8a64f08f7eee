import type { Severity } from '../domain/alert.ts';
import { formatQuantity } from '../domain/quantity.ts';
import { formatDuration, formatUtc } from '../domain/time.ts';
import { listWords } from './entry-sentence.ts';
import { deviationWords, excessWords } from './retrospective.ts';
import type { ReportAction, ReportChart, RetrospectiveModel } from './retrospective-model.ts';

/** How a column reads: `time` and `kind` keep to one line, `number` aligns right, `mono` is data, `actor` a name. */
export type ColumnKind = 'text' | 'number' | 'time' | 'kind' | 'mono' | 'actor';

/** One piece of a report, said once for every format. Texts are raw: each renderer makes them safe in its own way. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 2 | 3; readonly text: string }
  | { readonly kind: 'paragraph'; readonly tone: 'lead' | 'plain' | 'quiet'; readonly text: string }
  | { readonly kind: 'notice'; readonly text: string }
  | {
      readonly kind: 'facts';
      readonly rows: readonly {
        readonly label: string;
        readonly value: string;
        readonly big: boolean;
        /** Number of the footnote that defines it. */
        readonly footnote: number | null;
      }[];
    }
  | {
      readonly kind: 'table';
      readonly columns: readonly { readonly label: string; readonly kind: ColumnKind }[];
      readonly rows: readonly (readonly string[])[];
    }
  | {
      readonly kind: 'list';
      readonly ordered: boolean;
      readonly items: readonly { readonly lead: string | null; readonly text: string }[];
    }
  | { readonly kind: 'chart'; readonly chart: ReportChart }
  | { readonly kind: 'note'; readonly byline: string; readonly markdown: string };

const severityShapes: Readonly<Record<Severity, string>> = {
  critical: '▲',
  high: '◆',
  medium: '●',
  low: '■',
  informational: '○',
};

/** A severity as its shape and its word, as on every screen. */
export function severityWords(severity: Severity): string {
  return `${severityShapes[severity]} ${severity}`;
}

const unknown = 'not known';

function time(timeMs: number | null): string {
  return timeMs === null ? unknown : formatUtc(timeMs);
}

function duration(durationMs: number | null): string {
  return durationMs === null ? unknown : formatDuration(durationMs);
}

function heading(text: string): Block {
  return { kind: 'heading', level: 2, text };
}

function paragraph(text: string, tone: 'lead' | 'plain' | 'quiet' = 'plain'): Block {
  return { kind: 'paragraph', tone, text };
}

function fact(label: string, value: string, footnote: number | null = null) {
  return { label, value, big: false, footnote };
}

function leftOut(count: number, what: string): Block[] {
  return count === 0 ? [] : [paragraph(`${count} more ${what} left out here.`, 'quiet')];
}

/** What the three times mean; their order is the numbers that the facts carry. */
const footnotes = [
  'Time to detect: from the first deviation, occurrence or dated event, as it occurred, to the moment it was first noticed: the first alert reached Watchfloor, or somebody noticed an event, whichever came first.',
  'Time to acknowledge: from that moment until a person first acknowledged or took an alert, or opened this case, whichever came first.',
  'Time to mitigate: from the first deviation, occurrence or dated event until the first block was in force: accepted by its target and confirmed by reading it back.',
  'More or fewer than expected: the sum over the findings of what was measured minus what the baseline expected. An estimate; time without samples adds nothing.',
] as const;

function headBlocks(model: RetrospectiveModel): Block[] {
  const lasted =
    model.startMs !== null && model.endMs !== null
      ? formatDuration(model.endMs - model.startMs)
      : model.ongoing
        ? 'goes on'
        : unknown;
  return [
    ...(model.simulated
      ? [
          {
            kind: 'notice',
            text: 'SIMULATED. Everything in this report comes from the range, a simulated network. Nothing here happened to a real customer.',
          } as const,
        ]
      : []),
    heading('What happened'),
    paragraph(model.summary, 'lead'),
    {
      kind: 'facts',
      rows: [
        { ...fact('Duration', lasted), big: true },
        { ...fact('Time to detect', duration(model.times.detectMs), 1), big: true },
        { ...fact('Time to acknowledge', duration(model.times.acknowledgeMs), 2), big: true },
        { ...fact('Time to mitigate', duration(model.times.mitigateMs), 3), big: true },
        fact('Began', time(model.startMs)),
        fact('Ended', model.ongoing ? 'not yet' : time(model.endMs)),
        fact('Customer', model.customerName ?? unknown),
        fact('Services', model.serviceNames.length === 0 ? unknown : listWords(model.serviceNames)),
        fact('Severity', severityWords(model.severity)),
        fact('Status', `${model.status}, ${model.phase.replaceAll('-', ' ')}`),
        fact('Sharing', `${model.tlp}, ${model.pap}`),
        fact('Case', `${model.caseId}${model.assignee === null ? '' : `, ${model.assignee}`}`),
      ],
    },
  ];
}

function impactBlocks(model: RetrospectiveModel): Block[] {
  const rows = model.impact.map((row) => {
    const missing = row.missingMs > 0 ? `; ${formatDuration(row.missingMs)} without samples` : '';
    return [
      row.name,
      row.stage,
      deviationWords(row),
      formatUtc(row.fromMs),
      row.toMs === null ? 'goes on' : formatDuration(row.toMs - row.fromMs),
      `${excessWords(row) || '–'}${missing}`,
    ];
  });
  return [
    heading('Impact in numbers'),
    ...(rows.length === 0
      ? [
          paragraph(
            model.charts.length === 0
              ? 'Not known: no signals were saved with this case.'
              : 'No signal saved with this case left its usual range.',
          ),
        ]
      : [
          {
            kind: 'table',
            columns: [
              { label: 'Signal', kind: 'text' },
              { label: 'Stage', kind: 'kind' },
              { label: 'Peak and what is usual', kind: 'text' },
              { label: 'From', kind: 'time' },
              { label: 'Lasted', kind: 'number' },
              { label: 'Against expected [4]', kind: 'text' },
            ],
            rows,
          } as const,
        ]),
    ...(model.steadySignals.length === 0 || rows.length === 0
      ? []
      : [paragraph(`Within what is usual: ${listWords(model.steadySignals)}.`, 'quiet')]),
    ...model.charts.map((chart): Block => ({ kind: 'chart', chart })),
  ];
}

function vectorBlocks(model: RetrospectiveModel): Block[] {
  return [
    heading('Vectors and sources'),
    ...(model.alerts.length === 0
      ? [paragraph('No alert is linked to this case.')]
      : [
          {
            kind: 'table',
            columns: [
              { label: 'Severity', kind: 'kind' },
              { label: 'Alert', kind: 'text' },
              { label: 'Why', kind: 'text' },
              { label: 'First seen', kind: 'time' },
              { label: 'Times', kind: 'number' },
            ],
            rows: model.alerts.map((alert) => [
              severityWords(alert.severity),
              alert.title,
              alert.why,
              formatUtc(alert.firstSeenMs),
              String(alert.count),
            ]),
          } as const,
        ]),
    ...leftOut(model.alertsLeftOut, 'alerts'),
    ...(model.sources.length === 0
      ? [paragraph('Who sent it is not known: no alert names a source.')]
      : [
          {
            kind: 'table',
            columns: [
              { label: 'Part', kind: 'kind' },
              { label: 'Kind', kind: 'kind' },
              { label: 'Value (defanged)', kind: 'mono' },
              { label: 'Alerts', kind: 'number' },
            ],
            rows: model.sources.map((source) => [
              source.role,
              source.kind,
              source.value,
              String(source.alerts),
            ]),
          } as const,
        ]),
    ...leftOut(model.sourcesLeftOut, 'entities'),
    ...(model.techniques.length === 0
      ? []
      : [
          {
            kind: 'list',
            ordered: false,
            items: model.techniques.map(({ id, name }) => ({
              lead: id,
              text: name ?? 'not in this version of ATT&CK',
            })),
          } as const,
        ]),
  ];
}

function actionBlocks(action: ReportAction): Block[] {
  const entries = action.entriesLeftOut > 0 ? `, and ${action.entriesLeftOut} more` : '';
  return [
    { kind: 'heading', level: 3, text: `${action.title} on ${action.targetName}` },
    {
      kind: 'facts',
      rows: [
        fact('Asked', `${formatUtc(action.askedMs)} by ${action.askedBy}`),
        fact(
          'Approved',
          action.approvedMs === null
            ? 'not approved'
            : `${formatUtc(action.approvedMs)} by ${action.approvedBy ?? unknown}`,
        ),
        fact('Applied', action.appliedMs === null ? 'not known to be applied' : formatUtc(action.appliedMs)),
        fact(
          'Confirmed on the target',
          action.verifiedMs === null ? 'not confirmed' : formatUtc(action.verifiedMs),
        ),
        fact('Ends by itself', time(action.expiresMs)),
        fact(
          'Ended',
          action.endedMs === null
            ? 'not yet'
            : `${formatUtc(action.endedMs)}, ${action.endedHow ?? 'how is not known'}`,
        ),
        fact('State', action.state),
        fact('Plan', action.planName),
      ],
    },
    paragraph(`Reason: ${action.reason}`),
    paragraph(`Would have hit: ${action.impact}.`),
    paragraph(`Entries (defanged): ${action.entries.join(', ')}${entries}`),
    paragraph(action.sentence, 'quiet'),
  ];
}

function doneBlocks(model: RetrospectiveModel): Block[] {
  return [
    heading('What was done'),
    ...(model.actions.length === 0 ? [paragraph('No countermeasure was asked for.')] : []),
    ...model.actions.flatMap(actionBlocks),
  ];
}

function timelineBlocks(model: RetrospectiveModel): Block[] {
  return [
    heading('Timeline'),
    ...(model.timeline.length === 0
      ? [paragraph('Nothing is recorded.')]
      : [
          {
            kind: 'table',
            columns: [
              { label: 'Time (UTC)', kind: 'time' },
              { label: 'What', kind: 'kind' },
              { label: 'Event', kind: 'text' },
              { label: 'By', kind: 'actor' },
            ],
            rows: model.timeline.map((row) => [formatUtc(row.timeMs), row.kind, row.text, row.actor ?? '–']),
          } as const,
        ]),
    ...leftOut(model.timelineLeftOut, 'events'),
  ];
}

function taskWords({ assignee, dueMs, checklist }: RetrospectiveModel['tasks'][number]): string {
  const words = [
    ...(assignee === null ? [] : [assignee]),
    ...(dueMs === null ? [] : [`due ${formatUtc(dueMs)}`]),
    ...(checklist.all === 0 ? [] : [`${checklist.done} of ${checklist.all} points`]),
  ];
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

function recordBlocks(model: RetrospectiveModel): Block[] {
  const blocks: Block[] = [];
  if (model.notes.length > 0) {
    blocks.push(heading('Notes'));
    for (const note of model.notes) {
      const revised = note.revisedMs === null ? '' : `, revised ${formatUtc(note.revisedMs)}`;
      blocks.push({
        kind: 'note',
        byline: `${note.writerName}, ${formatUtc(note.addedMs)}${revised}`,
        markdown: note.markdown,
      });
    }
    blocks.push(...leftOut(model.notesLeftOut, 'notes'));
  }
  if (model.tasks.length > 0) {
    blocks.push(heading('Tasks'), {
      kind: 'list',
      ordered: false,
      items: model.tasks.map((task) => ({
        lead: task.done ? 'done' : 'open',
        text: `${task.title}${taskWords(task)}`,
      })),
    });
  }
  if (model.fields.length > 0) {
    blocks.push(heading('Findings in fields'), {
      kind: 'facts',
      rows: model.fields.map(({ name, value }) => fact(name, value)),
    });
  }
  if (model.evidence.length > 0) {
    blocks.push(heading('Evidence'), {
      kind: 'table',
      columns: [
        { label: 'File', kind: 'text' },
        { label: 'Size', kind: 'number' },
        { label: 'SHA-256', kind: 'mono' },
        { label: 'Added', kind: 'time' },
        { label: 'By', kind: 'actor' },
      ],
      rows: model.evidence.map((item) => [
        item.name,
        formatQuantity(item.sizeBytes, 'B'),
        item.sha256,
        formatUtc(item.addedMs),
        item.writerName,
      ]),
    });
  }
  if (model.custody.length > 0) {
    blocks.push(
      { kind: 'heading', level: 3, text: 'Custody' },
      {
        kind: 'table',
        columns: [
          { label: 'Time (UTC)', kind: 'time' },
          { label: 'What', kind: 'text' },
          { label: 'Recorded by', kind: 'actor' },
        ],
        rows: model.custody.map(({ timeMs, text, writerName }) => [formatUtc(timeMs), text, writerName]),
      },
    );
  }
  return blocks;
}

function recommendationBlocks(model: RetrospectiveModel): Block[] {
  return [
    heading('Recommendations'),
    ...(model.recommendations.length === 0
      ? [paragraph('The facts of this case suggest none.')]
      : [
          paragraph('Suggestions, each from the fact behind it. An analyst decides.', 'quiet'),
          {
            kind: 'list',
            ordered: true,
            items: model.recommendations.map(({ text, because }) => ({ lead: text, text: because })),
          } as const,
        ]),
  ];
}

function appendixBlocks(model: RetrospectiveModel): Block[] {
  const made = `Made ${formatUtc(model.generatedMs)}${model.analystName === null ? '' : ` by ${model.analystName}`} with Watchfloor ${model.appVersion}. All times are UTC.`;
  return [
    heading('Appendix'),
    ...(model.observables.length === 0
      ? []
      : [
          { kind: 'heading', level: 3, text: 'Observables, defanged' } as const,
          {
            kind: 'table',
            columns: [
              { label: 'Kind', kind: 'kind' },
              { label: 'Value', kind: 'mono' },
              { label: 'Verdict', kind: 'kind' },
              { label: 'Added', kind: 'time' },
            ],
            rows: model.observables.map((observable) => [
              observable.kind,
              observable.value,
              observable.verdict ?? 'not judged',
              formatUtc(observable.addedMs),
            ]),
          } as const,
        ]),
    ...leftOut(model.observablesLeftOut, 'observables'),
    { kind: 'heading', level: 3, text: 'Record of the case' },
    paragraph(
      model.chain === null
        ? 'Whether the chains of its entries verify was not checked.'
        : `${model.chain.ok ? 'The chains of its entries verify' : 'The chains of its entries DO NOT verify'}: ${model.chain.sentence}`,
    ),
    { kind: 'heading', level: 3, text: 'Definitions' },
    { kind: 'list', ordered: true, items: footnotes.map((text) => ({ lead: null, text })) },
    ...(model.attackNotice === null
      ? []
      : [paragraph(`Technique names are from MITRE ATT&CK. ${model.attackNotice}`, 'quiet')]),
    paragraph(made, 'quiet'),
  ];
}

/** The whole report in reading order, for whichever format renders it. */
export function reportDocument(model: RetrospectiveModel): Block[] {
  return [
    ...headBlocks(model),
    ...impactBlocks(model),
    ...vectorBlocks(model),
    ...doneBlocks(model),
    ...timelineBlocks(model),
    ...recordBlocks(model),
    ...recommendationBlocks(model),
    ...appendixBlocks(model),
  ];
}

/** The line in the head of every page. */
export function reportHeadline(model: RetrospectiveModel): string {
  return `Incident retrospective: ${model.title}`;
}
