import {
  answerWords,
  type HandoverCountersigned,
  type HandoverItem,
  type HandoverPart,
  type HandoverSigner,
  type HandoverView,
  handoverItems,
  handoverSectionWords,
} from '../domain/handover.ts';
import { formatUtc } from '../domain/time.ts';
import { renderPage } from './render-html.ts';
import { type Block, severityWords } from './report-document.ts';

const heading = (text: string, level: 2 | 3 = 2): Block => ({ kind: 'heading', level, text });
const paragraph = (text: string, tone: 'lead' | 'plain' | 'quiet' = 'plain'): Block => ({
  kind: 'paragraph',
  tone,
  text,
});
const fact = (label: string, value: string) => ({ label, value, big: false, footnote: null });
const table = (labels: readonly string[], rows: readonly (readonly string[])[]): Block => ({
  kind: 'table',
  columns: labels.map((label, index) => ({
    label,
    kind: index === 1 && labels.length > 2 ? 'kind' : 'text',
  })),
  rows,
});

/** An item in one line, with when it is due and what was remarked. */
function itemBlocks(item: HandoverItem): Block[] {
  const severity = item.severity === null ? '' : `${severityWords(item.severity)}: `;
  const due = item.dueMs === null ? '' : ` (${formatUtc(item.dueMs)})`;
  return [
    heading(`${severity}${item.title}${due}`, 3),
    ...(item.text === '' ? [] : [paragraph(item.text)]),
    ...(item.details.length === 0
      ? []
      : [
          {
            kind: 'list',
            ordered: false,
            items: item.details.map((text) => ({ lead: null, text })),
          } as const,
        ]),
    ...(item.remark === ''
      ? []
      : [{ kind: 'list', ordered: false, items: [{ lead: 'Remark', text: item.remark }] } as const]),
  ];
}

function partBlocks({ section, items, more, gap }: HandoverPart): Block[] {
  const { title } = handoverSectionWords[section];
  const total = items.length + more;
  if (gap !== null) return [heading(title), paragraph(gap)];
  if (total === 0) return [];
  return [
    heading(`${title} (${total.toLocaleString('en')})`),
    ...items.flatMap(itemBlocks),
    ...(more === 0 ? [] : [paragraph(`And ${more.toLocaleString('en')} more.`, 'quiet')]),
  ];
}

/** Parts that say nothing, together. */
function emptyBlocks(parts: readonly HandoverPart[]): Block[] {
  const empty = parts.filter(
    ({ section, items, more, gap }) => section !== 'added' && items.length + more === 0 && gap === null,
  );
  if (empty.length === 0) return [];
  const items = empty.map(({ section }) => ({ lead: null, text: handoverSectionWords[section].none }));
  return [heading('Nothing to say of'), { kind: 'list', ordered: false, items }];
}

/** What one countersignature says beside its row in the table. */
function countersignedBlocks(one: HandoverCountersigned, titles: ReadonlyMap<string, string>): Block[] {
  const rows = one.answers.filter(({ state }) => state !== 'ticked');
  const words = answerWords(one.answers);
  return [
    heading(`Checklist of ${one.name}`, 3),
    paragraph(`${words.charAt(0).toUpperCase()}${words.slice(1)}.`),
    ...(one.isSamePerson ? [paragraph('The same person who handed over.')] : []),
    ...(one.isClockBehind
      ? [
          paragraph(
            'By its clock it was countersigned before it was signed: the clocks of the two workstations differ.',
          ),
        ]
      : []),
    ...(one.remark === '' ? [] : [paragraph(one.remark)]),
    ...(rows.length === 0
      ? []
      : [
          table(
            ['Item', 'Answer', 'What is asked'],
            rows.map(({ key, state, remark }) => [
              titles.get(key) ?? key,
              state === 'queried' ? 'queried' : 'not gone through',
              remark,
            ]),
          ),
        ]),
  ];
}

function signatureBlocks(view: HandoverView): Block[] {
  const { outgoing, countersignatures, pack } = view;
  if (outgoing === null) return [heading('Signatures'), paragraph('This is a draft: nobody has signed it.')];
  const titles = new Map(handoverItems(pack).map(({ key, title }) => [key, title]));
  const row = (what: string, { name, signedMs, keyFingerprint, isKnown }: HandoverSigner) => [
    `${what} ${name}`,
    formatUtc(signedMs),
    keyFingerprint,
    isKnown ? 'known here' : 'not known here',
  ];
  return [
    heading('Signatures'),
    {
      kind: 'table',
      columns: [
        { label: 'Who', kind: 'text' },
        { label: 'When', kind: 'time' },
        { label: 'Fingerprint of the key', kind: 'mono' },
        { label: 'Key', kind: 'kind' },
      ],
      rows: [row('Signed by', outgoing), ...countersignatures.map((each) => row('Countersigned by', each))],
    },
    paragraph(`Signed with ${outgoing.writtenBy}. SHA-256 of what was signed: ${view.sha256}`, 'quiet'),
    ...(countersignatures.length === 0
      ? [paragraph('Nobody has countersigned it yet.')]
      : countersignatures.flatMap((each) => countersignedBlocks(each, titles))),
  ];
}

function blocksOf(view: HandoverView): Block[] {
  const { pack, outgoing, countersignatures } = view;
  const shiftEnd = pack.shiftEndsMs === null ? 'not set' : formatUtc(pack.shiftEndsMs);
  return [
    ...(pack.simulated
      ? [
          {
            kind: 'notice',
            text: 'SIMULATED. Everything in this handover comes from the range, a simulated network.',
          } as const,
        ]
      : []),
    {
      kind: 'facts',
      rows: [
        fact('From', outgoing?.name ?? 'not signed yet'),
        fact('To', countersignatures.map(({ name }) => name).join(', ') || 'not countersigned yet'),
        fact('As of', formatUtc(pack.madeMs)),
        fact(pack.sinceHandoverId === null ? 'Since, none before' : 'Since', formatUtc(pack.sinceMs)),
        fact('Shift ends', shiftEnd),
        fact('Next shift ends', formatUtc(pack.nextShiftEndsMs)),
        fact('Items', String(handoverItems(pack).length)),
        fact('Handover', pack.id),
      ],
    },
    ...(pack.notes.trim() === ''
      ? []
      : [
          heading('Notes'),
          { kind: 'note', byline: outgoing?.name ?? 'Draft', markdown: pack.notes } as const,
        ]),
    ...pack.parts.flatMap(partBlocks),
    ...emptyBlocks(pack.parts),
    ...(pack.dropped.length === 0
      ? []
      : [
          heading(`Left out by the outgoing analyst (${pack.dropped.length})`),
          table(
            ['Item', 'Why'],
            pack.dropped.map(({ item, reason }) => [item.title, reason]),
          ),
        ]),
    ...signatureBlocks(view),
  ];
}

/** A handover as one self-contained HTML document in the style of the reports: no script, nothing loaded. */
export function handoverReportHtml(
  view: HandoverView,
  made: { readonly generatedMs: number; readonly appVersion: string },
): string {
  const { pack, outgoing } = view;
  const from = outgoing === null ? 'draft' : `signed by ${outgoing.name}`;
  const title = `Shift handover ${formatUtc(pack.madeMs)}`;
  return renderPage({
    title,
    headline: `${title}, ${from}`,
    footer: `Handover ${pack.id}, printed ${formatUtc(made.generatedMs)} with Watchfloor ${made.appVersion}`,
    tlp: pack.tlp,
    simulated: pack.simulated,
    appVersion: made.appVersion,
    blocks: blocksOf(view),
  });
}
