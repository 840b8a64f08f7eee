import {
  answerWords,
  type HandoverPack,
  type HandoverRow,
  type HandoverView,
  handoverItems,
  handoverSectionWords,
} from '../../shared/domain/handover.ts';
import { handoverHash } from '../../shared/domain/handover-file.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { readHandoverFile } from '../core/handover-file.ts';
import { handoverView } from '../core/handover-view.ts';
import { sha256Hex } from '../db/ids.ts';
import { keyFingerprint } from '../db/signatures.ts';
import { line, reading, type StoreCommand, shown } from './reading.ts';
import { type Call, withCore } from './with-core.ts';

async function writing(command: StoreCommand, work: (call: Call) => Promise<void>): Promise<number> {
  await withCore(command.dataDirectory, command.workspace, work);
  return 0;
}

function rowWords({ id, state, madeMs, outgoing, incoming, itemCount }: HandoverRow): string {
  const people = [outgoing ?? 'not signed', ...(incoming.length === 0 ? [] : [incoming.join(', ')])].join(
    ' to ',
  );
  return `${id}  ${formatUtc(madeMs)}  ${state.padEnd(13)}  ${String(itemCount).padStart(3)} items  ${shown(people)}`;
}

function printPack(pack: HandoverPack): void {
  line(
    `as of ${formatUtc(pack.madeMs)}, cases since ${formatUtc(pack.sinceMs)}, next shift until ${formatUtc(pack.nextShiftEndsMs)}, ${pack.tlp}${pack.simulated ? ', SIMULATED' : ''}`,
  );
  if (pack.notes !== '') line(`notes: ${toSafeExcerpt(pack.notes, 2_000, 'keep')}`);
  for (const { section, items, more, gap } of pack.parts) {
    const { title, none } = handoverSectionWords[section];
    if (gap !== null) {
      line(shown(gap, 300));
      continue;
    }
    if (items.length + more === 0) {
      if (section !== 'added') line(none);
      continue;
    }
    line(`${title} (${items.length + more})`);
    for (const { title: of, text, details, dueMs, remark } of items) {
      line(`  ${shown(of)}${dueMs === null ? '' : `  ${formatUtc(dueMs)}`}`);
      if (text !== '') line(`    ${shown(text, 300)}`);
      for (const detail of details) line(`      ${shown(detail, 300)}`);
      if (remark !== '') line(`    remark: ${shown(remark, 300)}`);
    }
    if (more > 0) line(`  and ${more} more`);
  }
  for (const { item, reason } of pack.dropped) line(`left out: ${shown(item.title)}: ${shown(reason, 300)}`);
}

function printView(view: HandoverView): void {
  line(rowWords(view.row));
  const { outgoing } = view;
  if (outgoing !== null) {
    const known = outgoing.isKnown ? 'known here' : 'not known here';
    line(
      `signed by ${shown(outgoing.name)} (${outgoing.keyFingerprint}, ${known}) at ${formatUtc(outgoing.signedMs)}`,
    );
  }
  for (const one of view.countersignatures) {
    const same = one.isSamePerson ? ', the same person' : '';
    line(
      `countersigned by ${shown(one.name)} (${one.keyFingerprint}) at ${formatUtc(one.signedMs)}: ${answerWords(one.answers)}${same}`,
    );
  }
  printPack(view.pack);
}

function said(command: StoreCommand, view: HandoverView): void {
  if (command.json) line(JSON.stringify(view));
  else line(rowWords(view.row));
}

/** `handover list`: the newest first; with --json one object a line. */
export function listHandovers(command: StoreCommand): number {
  const rows = reading(command, (store) => store.handovers.list());
  for (const row of rows) line(command.json ? JSON.stringify(row) : rowWords(row));
  return 0;
}

/** `handover show`: one handover, or without an id the newest. */
export function showHandover(command: StoreCommand, id: string | null): number {
  reading(command, (store) => {
    const wanted = id ?? store.handovers.list()[0]?.id;
    if (wanted === undefined) throw new WatchfloorError('not-found', 'There is no handover yet.');
    const view = handoverView(store, wanted, null);
    if (command.json) line(JSON.stringify(view));
    else printView(view);
  });
  return 0;
}

/** `handover make`: makes the draft, or reads the facts of the one that is there anew; signs it when asked. */
export function makeHandover(
  command: StoreCommand,
  options: {
    readonly notes: string | null;
    readonly nextShiftHours: number | null;
    readonly isSigned: boolean;
  },
): Promise<number> {
  return writing(command, async (call) => {
    let view = await call('handovers.make', { nextShiftHours: options.nextShiftHours });
    const { id } = view.row;
    if (options.notes !== null) {
      view = await call('handovers.edit', { id, edit: { type: 'notes', notes: options.notes } });
    }
    if (options.isSigned) view = await call('handovers.sign', { id, revision: view.draft?.revision ?? -1 });
    said(command, view);
  });
}

/** `handover sign`: signs the draft as it is. */
export function signHandover(command: StoreCommand, id: string): Promise<number> {
  return writing(command, async (call) => {
    const { draft } = await call('handovers.get', { id });
    said(command, await call('handovers.sign', { id, revision: draft?.revision ?? -1 }));
  });
}

/** `handover export`: writes the file. */
export function exportHandover(command: StoreCommand, id: string, path: string): Promise<number> {
  return writing(command, async (call) => {
    const done = await call('handovers.export', { id, path });
    line(command.json ? JSON.stringify(done) : `${done.path}  ${done.sizeBytes} bytes`);
  });
}

/** `handover import`: verifies a file and takes it in. */
export function importHandover(command: StoreCommand, path: string): Promise<number> {
  return writing(command, async (call) => {
    const { view, isNew, newCountersignatures } = await call('handovers.import', { path });
    if (command.json) line(JSON.stringify({ isNew, newCountersignatures, ...view }));
    else {
      line(`${isNew ? 'new here' : 'here already'}, ${newCountersignatures} new countersignatures`);
      line(rowWords(view.row));
    }
  });
}

/** `handover countersign`. @param isAllTicked ticks what is open; else which items are open is said in the signature */
export function countersignHandover(
  command: StoreCommand,
  id: string,
  options: { readonly isAllTicked: boolean; readonly remark: string },
): Promise<number> {
  return writing(command, async (call) => {
    if (options.isAllTicked) {
      const { checklist } = await call('handovers.get', { id });
      for (const { key, state } of checklist) {
        if (state !== 'open') continue;
        await call('handovers.answer', { id, answer: { key, state: 'ticked', remark: '' } });
      }
    }
    said(command, await call('handovers.countersign', { id, withOpen: true, remark: options.remark }));
  });
}

/** `handover verify`: every problem of a file; needs no data directory. Exit code 1 where there is one. */
export async function verifyHandover(path: string, json: boolean): Promise<number> {
  const { file, problems } = await readHandoverFile(path);
  const ok = problems.length === 0;
  const named = ({ name, publicKey, signedMs }: { name: string; publicKey: string; signedMs: number }) => ({
    name,
    keyFingerprint: keyFingerprint(publicKey),
    signedMs,
  });
  const signer = file === null ? null : named(file.signature);
  const countersigners =
    file?.countersignatures.map((each) => ({ ...named(each), answers: each.answers })) ?? [];
  const itemCount = file === null ? 0 : handoverItems(file.pack).length;
  if (json) {
    const sha256 = file === null ? null : handoverHash(file, sha256Hex);
    line(
      JSON.stringify({ ok, id: file?.pack.id ?? null, sha256, signer, countersigners, itemCount, problems }),
    );
    return ok ? 0 : 1;
  }
  if (signer !== null) {
    line(
      `signed by ${shown(signer.name)} (${signer.keyFingerprint}) at ${formatUtc(signer.signedMs)}, ${itemCount} items`,
    );
  }
  for (const { name, keyFingerprint: key, signedMs, answers } of countersigners) {
    line(`countersigned by ${shown(name)} (${key}) at ${formatUtc(signedMs)}: ${answerWords(answers)}`);
  }
  for (const { at, sentence } of problems) line(`${shown(at)}: ${shown(sentence, 300)}`);
  line(
    ok
      ? 'It verifies.'
      : `It does not verify: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`,
  );
  return ok ? 0 : 1;
}
