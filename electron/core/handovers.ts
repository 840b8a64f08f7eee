import type { Health } from '../../shared/domain/connection.ts';
import {
  answerWords,
  countAnswers,
  type HandoverAnswer,
  type HandoverDraft,
  type HandoverEdit,
  type HandoverRow,
  type HandoverView,
  handoverLimits,
} from '../../shared/domain/handover.ts';
import { answerItem, carryOver, checklistFor, editHandover } from '../../shared/domain/handover-draft.ts';
import {
  type HandoverFile,
  type HandoverReading,
  handoverCountersignedText,
  handoverFileVersion,
  handoverHash,
  handoverSignedText,
  handoverText,
  joinCountersignatures,
} from '../../shared/domain/handover-file.ts';
import { computeHandoverPack } from '../../shared/domain/handover-pack.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { formatUtc } from '../../shared/domain/time.ts';
import { handoverReportHtml } from '../../shared/report/handover-report.ts';
import type { StoredHandover } from '../db/handovers-repository.ts';
import { sha256Hex } from '../db/ids.ts';
import type { Store, Writer } from '../db/index.ts';
import { keyFingerprint } from '../db/signatures.ts';
import { freePath, usualFolder } from './case-files/export-place.ts';
import { writeWhole } from './case-files/whole-file.ts';
import { faultPoint } from './fault-points.ts';
import { readHandoverFacts } from './handover-facts.ts';
import { readHandoverBytes, readHandoverFile } from './handover-file.ts';
import { handoverFileName, handoverView, signersOf } from './handover-view.ts';
import type { Hub } from './hub.ts';
import type { ReportFile } from './reports.ts';

/** What came of a file that was brought in. */
export interface HandoverImported {
  readonly view: HandoverView;
  readonly isNew: boolean;
  readonly newCountersignatures: number;
}

/** From where a file's bytes come. */
export type HandoverFileInput = { readonly path: string } | { readonly base64: string };

/** Shift handovers: made from what is here, edited, signed, passed on, gone through and countersigned. */
export interface Handovers {
  list(): HandoverRow[];
  /** @param reader whoever looks: what they signed is said; null knows of nobody */
  get(id: string, reader: Writer | null): HandoverView;
  /** Makes the draft, or reads the facts of the one that is there anew and keeps what was said in it. */
  make(writer: Writer, nextShiftHours: number | null): Promise<HandoverView>;
  edit(writer: Writer, id: string, edit: HandoverEdit): HandoverView;
  discard(id: string): void;
  /** @param revision what was seen; another one is refused with `conflict` */
  sign(writer: Writer, id: string, revision: number): HandoverView;
  answer(writer: Writer, id: string, answer: HandoverAnswer): HandoverView;
  /** @param options.withOpen countersign though some items were not gone through: which ones is recorded */
  countersign(
    writer: Writer,
    id: string,
    options: { readonly withOpen: boolean; readonly remark: string },
  ): HandoverView;
  /** The file's text, and a path where there is none yet. @throws WatchfloorError `refused` for a draft */
  text(id: string): { readonly name: string; readonly text: string; readonly path: string };
  /** @param file.replaces a file that is there; else it is refused with `conflict` */
  export(
    id: string,
    file: { readonly path: string; readonly replaces: boolean },
  ): Promise<{ readonly path: string; readonly sizeBytes: number }>;
  verify(input: HandoverFileInput): Promise<HandoverReading>;
  /** Verifies a file and takes it in by union. The same file again changes nothing. */
  import(writer: Writer, input: HandoverFileInput): Promise<HandoverImported>;
  build(id: string, format: 'html' | 'pdf', reader: Writer | null): Promise<ReportFile>;
}

export interface HandoversDeps {
  readonly store: Store;
  readonly hub: Pick<Hub, 'emit'>;
  readonly newId: (prefix: string) => string;
  readonly nowMs: () => number;
  readonly appVersion: string;
  readonly printPdf: (html: string) => Promise<Uint8Array>;
  readonly shiftEndsMs: () => number | null;
  /** null where nothing polls the sources, as at the command line. */
  readonly sourceHealth: ((connectionId: string) => Health) | null;
}

const usualShiftHours = 8;

type Draft = StoredHandover & { readonly state: 'draft' };
type Signed = Exclude<StoredHandover, Draft>;

export function createHandovers(deps: HandoversDeps): Handovers {
  const { store, newId, nowMs } = deps;

  function stored(id: string): StoredHandover {
    const handover = store.handovers.get(id);
    if (handover === null) throw new WatchfloorError('not-found', 'There is no such handover.');
    return handover;
  }
  function draftOf(id: string): Draft {
    const handover = stored(id);
    if (handover.state === 'draft') return handover;
    throw new WatchfloorError('refused', 'It is signed: nothing in it is changed any more.');
  }
  function signedOf(id: string): Signed {
    const handover = stored(id);
    if (handover.state !== 'draft') return handover;
    throw new WatchfloorError('refused', 'It is a draft. Sign it first.');
  }
  const changed = (id: string) => store.afterCommit(() => deps.hub.emit('handovers.changed', { ids: [id] }));

  const view = (id: string, reader: Writer | null) => handoverView(store, id, reader);

  function refuseLarge(text: string): void {
    if (Buffer.byteLength(text) <= handoverLimits.fileBytes) return;
    throw new WatchfloorError(
      'too-large',
      'The handover is larger than 4 MiB. Shorten the notes or drop items. Nothing was signed.',
    );
  }

  /** Stores a signed handover with the audit row that keeps the signature, both or neither. */
  function keep(
    file: HandoverFile,
    origin: HandoverRow['origin'],
    writer: Writer,
    rows: readonly { readonly action: string; readonly sentence: string; readonly details: object }[],
  ): void {
    store.transaction(() => {
      store.handovers.saveFile(file, origin);
      faultPoint('handover:before-audit');
      for (const row of rows) store.audit.append(writer, row);
      faultPoint('handover:before-commit');
      changed(file.pack.id);
    });
  }

  const signatureDetails = (file: HandoverFile) => ({
    handoverId: file.pack.id,
    handoverSha256: handoverHash(file, sha256Hex),
    ...file.signature,
  });
  const countersignatureDetails = (file: HandoverFile, index: number) => ({
    handoverId: file.pack.id,
    handoverSha256: handoverHash(file, sha256Hex),
    ...file.countersignatures[index],
  });
  const ofWhen = (file: HandoverFile) => `the handover of ${formatUtc(file.pack.madeMs)}`;

  function countersignedSentence(file: HandoverFile, index: number): string {
    const one = signersOf(store, file).countersignatures[index];
    if (one === undefined) return '';
    const same = one.isSamePerson ? ' This is the same person who handed over.' : '';
    return `${one.name} countersigned ${ofWhen(file)} by ${file.signature.name}: ${answerWords(one.answers)}.${same}`;
  }

  async function reading(input: HandoverFileInput): Promise<HandoverReading> {
    return 'path' in input
      ? readHandoverFile(input.path)
      : readHandoverBytes(Buffer.from(input.base64, 'base64'));
  }

  return {
    list: () => store.handovers.list(),
    get: view,
    async make(writer, asked) {
      const there = store.handovers.draft();
      const nextShiftHours = asked ?? there?.draft.nextShiftHours ?? usualShiftHours;
      const { facts, position } = await readHandoverFacts({
        store,
        id: there?.id ?? newId('ho'),
        nowMs: nowMs(),
        shiftEndsMs: deps.shiftEndsMs(),
        nextShiftHours,
        sourceHealth: deps.sourceHealth,
      });
      const fresh = computeHandoverPack(facts);
      // Edits may have come while the facts were read: what counts is what is there now.
      const before = store.handovers.draft();
      const draft: HandoverDraft =
        before === null
          ? {
              // The one that was there may have been signed meanwhile: this is the next one.
              pack: there === null ? fresh : { ...fresh, id: newId('ho') },
              revision: 1,
              nextShiftHours,
            }
          : {
              pack: carryOver(before.draft.pack, fresh),
              revision: before.draft.revision + 1,
              nextShiftHours,
            };
      store.transaction(() => {
        store.handovers.saveDraft(draft, position);
        changed(draft.pack.id);
      });
      return view(draft.pack.id, writer);
    },
    edit(writer, id, edit) {
      return store.transaction(() => {
        const { draft, position } = draftOf(id);
        store.handovers.saveDraft(
          editHandover(draft, edit, () => newId('it')),
          position,
        );
        changed(id);
        return view(id, writer);
      });
    },
    discard(id) {
      draftOf(id);
      store.transaction(() => {
        store.handovers.discardDraft(id);
        changed(id);
      });
    },
    sign(writer, id, revision) {
      const { draft } = draftOf(id);
      if (draft.revision !== revision) {
        throw new WatchfloorError(
          'conflict',
          'The draft was changed since it was shown. Look at it again; nothing was signed.',
        );
      }
      const signer = {
        name: writer.name,
        publicKey: writer.publicKey,
        signedMs: Math.floor(nowMs()),
        writtenBy: `Watchfloor ${deps.appVersion}`,
      };
      const signature = writer.sign(Buffer.from(handoverSignedText(draft.pack, signer)));
      const file: HandoverFile = {
        format: 'watchfloor-handover',
        version: handoverFileVersion,
        pack: draft.pack,
        signature: { ...signer, signature: Buffer.from(signature).toString('base64') },
        countersignatures: [],
      };
      refuseLarge(handoverText(file));
      keep(file, 'here', writer, [
        {
          action: 'handover.signed',
          sentence: `${writer.name} signed ${ofWhen(file)}.`,
          details: signatureDetails(file),
        },
      ]);
      return view(id, writer);
    },
    answer(writer, id, answer) {
      return store.transaction(() => {
        const { file, checklist } = signedOf(id);
        store.handovers.saveChecklist(id, answerItem(file.pack, checklist, answer));
        changed(id);
        return view(id, writer);
      });
    },
    countersign(writer, id, { withOpen, remark }) {
      const { file, checklist, origin } = signedOf(id);
      if (file.countersignatures.some(({ publicKey }) => publicKey === writer.publicKey)) {
        throw new WatchfloorError(
          'refused',
          `${writer.name} has countersigned it already. Nothing was changed.`,
        );
      }
      if (file.countersignatures.length >= handoverLimits.countersignatures) {
        throw new WatchfloorError(
          'too-large',
          `A handover takes ${handoverLimits.countersignatures} countersignatures. Nothing was changed.`,
        );
      }
      const answers = checklistFor(file.pack, checklist);
      const { open } = countAnswers(answers);
      if (open > 0 && !withOpen) {
        throw new WatchfloorError(
          'refused',
          `${open} ${open === 1 ? 'item was' : 'items were'} not gone through. Go through them, or say that you countersign all the same: which ones is recorded. Nothing was signed.`,
        );
      }
      const signer = {
        name: writer.name,
        publicKey: writer.publicKey,
        signedMs: Math.floor(nowMs()),
        answers,
        remark,
      };
      const text = handoverCountersignedText(handoverHash(file, sha256Hex), signer);
      const one = { ...signer, signature: Buffer.from(writer.sign(Buffer.from(text))).toString('base64') };
      const next = { ...file, countersignatures: joinCountersignatures(file.countersignatures, [one]) };
      refuseLarge(handoverText(next));
      const index = next.countersignatures.indexOf(one);
      keep(next, origin, writer, [
        {
          action: 'handover.countersigned',
          sentence: countersignedSentence(next, index),
          details: countersignatureDetails(next, index),
        },
      ]);
      return view(id, writer);
    },
    text(id) {
      const { file } = signedOf(id);
      const name = `${handoverFileName(file.pack)}.wfhandover`;
      return { name, text: handoverText(file), path: freePath(usualFolder(), name) };
    },
    async export(id, { path, replaces }) {
      const { file } = signedOf(id);
      const text = Buffer.from(handoverText(file));
      async function* chunks() {
        yield text;
      }
      const sizeBytes = await writeWhole(store.dataDirectory, { path, replaces }, newId('ex'), chunks());
      return { path, sizeBytes };
    },
    verify: reading,
    async import(writer, input) {
      const { file, problems } = await reading(input);
      if (file === null || problems.length > 0) {
        throw new WatchfloorError(
          'refused',
          `The file does not verify: ${problems[0]?.sentence ?? ''} Nothing was taken in.`,
          problems.map(({ at, sentence }) => `${at}: ${sentence}`).join('\n'),
        );
      }
      const { id } = file.pack;
      const there = store.handovers.get(id);
      const isKnown = there !== null && there.state !== 'draft';
      if (
        there !== null &&
        (!isKnown || handoverHash(there.file, sha256Hex) !== handoverHash(file, sha256Hex))
      ) {
        throw new WatchfloorError(
          'refused',
          'Another handover with this id is here. Nothing was taken in.',
          id,
        );
      }
      const before = isKnown ? there.file.countersignatures : [];
      const countersignatures = joinCountersignatures(before, file.countersignatures);
      const fresh = countersignatures.length - before.length;
      if (countersignatures.length > handoverLimits.countersignatures) {
        throw new WatchfloorError(
          'too-large',
          'It has more countersignatures than one takes. Nothing was taken in.',
        );
      }
      if (isKnown && fresh === 0) return { view: view(id, writer), isNew: false, newCountersignatures: 0 };
      const next = { ...file, countersignatures };
      const known = new Set(before.map(({ signature }) => signature));
      const arrived = countersignatures.flatMap(({ signature }, index) =>
        known.has(signature) ? [] : [index],
      );
      keep(next, isKnown ? there.origin : 'file', writer, [
        ...(isKnown
          ? []
          : [
              {
                action: 'handover.imported',
                sentence: `${writer.name} took in ${ofWhen(next)}, signed by ${next.signature.name} (${keyFingerprint(next.signature.publicKey)}).`,
                details: signatureDetails(next),
              },
            ]),
        ...arrived.map((index) => ({
          action: 'handover.countersignature-imported',
          sentence: `From a file: ${countersignedSentence(next, index)}`,
          details: countersignatureDetails(next, index),
        })),
      ]);
      return { view: view(id, writer), isNew: !isKnown, newCountersignatures: fresh };
    },
    async build(id, format, reader) {
      const shown = view(id, reader);
      const html = handoverReportHtml(shown, { generatedMs: nowMs(), appVersion: deps.appVersion });
      const bytes = format === 'html' ? new TextEncoder().encode(html) : await deps.printPdf(html);
      const mediaType = format === 'html' ? 'text/html;charset=utf-8' : 'application/pdf';
      return { name: `${shown.fileName}.${format}`, mediaType, bytes };
    },
  };
}
