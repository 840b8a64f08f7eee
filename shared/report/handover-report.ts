import {
  answerWords,
  type HandoverCountersigned,
  type HandoverItem,
  type HandoverPart,
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
const known = (isKnown: boolean) => (isKnown ? 'known here' : 'not known here');

/** An item in one line, with when it is due and what was remarked. */
function itemBlocks(item: HandoverItem): Block[] {
  const severity = item.severity === null ? '' : `${severityWords(item.severity)}  `;
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

function partBlocks({ section, items, more }: HandoverPart): Block[] {
  const { title, none } = handoverSectionWords[section];
  const total = items.length + more;
  if (total === 0) return section === 'added' ? [] : [heading(title), paragraph(none, 'quiet')];
  return [
    heading(`${title} (${total.toLocaleString('en')})`),
    ...items.flatMap(itemBlocks),
    ...(more === 0 ? [] : [paragraph(`And ${more.toLocaleString('en')} more.`, 'quiet')]),
  ];
}

function countersignedBlocks(one: HandoverCountersigned, titles: ReadonlyMap<string, string>): Block[] {
  const rows = one.answers.filter(({ state }) => state !== 'ticked');
  return [
    heading(`Countersigned by ${one.name}`, 3),
    {
      kind: 'facts',
      rows: [
        fact('Countersigned at', formatUtc(one.signedMs)),
        fact('Key', `${one.keyFingerprint}, ${known(one.isKnown)}`),
        fact('Checklist', answerWords(one.answers)),
        fact('Person', one.isSamePerson ? 'the same who handed over' : 'another than who handed over'),
      ],
    },
    ...(one.isClockBehind
      ? [
          paragraph(
            'By its clock it was countersigned before it was signed: the clocks of the two workstations differ.',
            'quiet',
          ),
        ]
      : []),
    ...(one.remark === '' ? [] : [paragraph(one.remark)]),
    ...(rows.length === 0
      ? []
      : [
          {
            kind: 'table',
            columns: [
              { label: 'Item', kind: 'text' },
              { label: 'Answer', kind: 'kind' },
              { label: 'What is asked', kind: 'text' },
            ],
            rows: rows.map(({ key, state, remark }) => [
              titles.get(key) ?? key,
              state === 'queried' ? 'queried' : 'not gone through',
              remark,
            ]),
          } as const,
        ]),
  ];
}

function signatureBlocks(view: HandoverView): Block[] {
  const { outgoing, countersignatures, pack } = view;
  if (outgoing === null) return [heading('Signatures'), paragraph('This is a draft: nobody has signed it.')];
  const titles = new Map(handoverItems(pack).map(({ key, title }) => [key, title]));
  return [
    heading('Signatures'),
    heading(`Signed by ${outgoing.name}`, 3),
    {
      kind: 'facts',
      rows: [
        fact('Signed at', formatUtc(outgoing.signedMs)),
        fact('Key', `${outgoing.keyFingerprint}, ${known(outgoing.isKnown)}`),
        fact('Written by', outgoing.writtenBy),
        fact('SHA-256', view.sha256 ?? ''),
      ],
    },
    ...(countersignatures.length === 0
      ? [paragraph('Nobody has countersigned it yet.', 'quiet')]
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
        fact(
          'Since',
          `${formatUtc(pack.sinceMs)}${pack.sinceHandoverId === null ? ', no handover before' : ''}`,
        ),
        fact('Shift ends', shiftEnd),
        fact('Next shift ends', formatUtc(pack.nextShiftEndsMs)),
        fact('Items', String(handoverItems(pack).length)),
        fact('Handover', pack.id),
      ],
    },
    ...pack.gaps.map((gap) => paragraph(gap)),
    ...(pack.notes.trim() === ''
      ? []
      : [
          heading('Notes'),
          { kind: 'note', byline: outgoing?.name ?? 'Draft', markdown: pack.notes } as const,
        ]),
    ...pack.parts.flatMap(partBlocks),
    ...(pack.dropped.length === 0
      ? []
      : [
          heading(`Left out by the outgoing analyst (${pack.dropped.length})`),
          {
            kind: 'table',
            columns: [
              { label: 'Item', kind: 'text' },
              { label: 'Why', kind: 'text' },
            ],
            rows: pack.dropped.map(({ item, reason }) => [item.title, reason]),
          } as const,
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
