import {
  type HandoverAnswer,
  type HandoverDraft,
  type HandoverEdit,
  type HandoverItem,
  type HandoverPack,
  type HandoverPart,
  type HandoverSection,
  handoverItems,
  handoverLimits,
} from './handover.ts';
import { assertNever, WatchfloorError } from './result.ts';

function missing(): WatchfloorError {
  return new WatchfloorError('not-found', 'This item is not in the handover any more. Nothing was changed.');
}

function changePart(
  pack: HandoverPack,
  section: HandoverSection,
  change: (items: readonly HandoverItem[]) => HandoverItem[],
): HandoverPack {
  return {
    ...pack,
    parts: pack.parts.map((part) =>
      part.section === section ? { ...part, items: change(part.items) } : part,
    ),
  };
}

function partOf(pack: HandoverPack, key: string): HandoverPart {
  const part = pack.parts.find(({ items }) => items.some((each) => each.key === key));
  if (part === undefined) throw missing();
  return part;
}

function room(part: HandoverPart): void {
  if (part.items.length < handoverLimits.items) return;
  throw new WatchfloorError(
    'too-large',
    `A part of a handover takes ${handoverLimits.items} items. Drop one first. Nothing was changed.`,
  );
}

/** @param newId names an item that is added */
function edited(pack: HandoverPack, edit: HandoverEdit, newId: () => string): HandoverPack {
  switch (edit.type) {
    case 'notes':
      return { ...pack, notes: edit.notes };
    case 'remark': {
      const { section } = partOf(pack, edit.key);
      return changePart(pack, section, (items) =>
        items.map((each) => (each.key === edit.key ? { ...each, remark: edit.remark } : each)),
      );
    }
    case 'move': {
      const { section } = partOf(pack, edit.key);
      return changePart(pack, section, (items) => {
        const from = items.findIndex(({ key }) => key === edit.key);
        const moved = items.filter(({ key }) => key === edit.key);
        const rest = items.filter(({ key }) => key !== edit.key);
        return rest.toSpliced(Math.max(0, from + edit.by), 0, ...moved);
      });
    }
    case 'drop': {
      const { section, items } = partOf(pack, edit.key);
      const item = items.find(({ key }) => key === edit.key);
      if (item === undefined) throw missing();
      if (pack.dropped.length >= handoverLimits.dropped) {
        throw new WatchfloorError(
          'too-large',
          `No more than ${handoverLimits.dropped} items can be dropped.`,
        );
      }
      const without = changePart(pack, section, (all) => all.filter(({ key }) => key !== edit.key));
      return { ...without, dropped: [...pack.dropped, { section, item, reason: edit.reason }] };
    }
    case 'restore': {
      const dropped = pack.dropped.find(({ item }) => item.key === edit.key);
      if (dropped === undefined) throw missing();
      const part = pack.parts.find(({ section }) => section === dropped.section);
      if (part === undefined) throw missing();
      room(part);
      const back = changePart(pack, dropped.section, (items) => [...items, dropped.item]);
      return { ...back, dropped: pack.dropped.filter((each) => each !== dropped) };
    }
    case 'add': {
      const part = pack.parts.find(({ section }) => section === 'added');
      if (part === undefined) throw missing();
      room(part);
      const item: HandoverItem = {
        key: `added:${newId()}`,
        title: edit.title,
        text: edit.text,
        details: [],
        severity: null,
        dueMs: null,
        link: null,
        remark: '',
      };
      return changePart(pack, 'added', (items) => [...items, item]);
    }
    case 'remove': {
      const { section } = partOf(pack, edit.key);
      if (section !== 'added') {
        throw new WatchfloorError(
          'refused',
          'Drop it with a reason: only what was added by hand is removed.',
        );
      }
      return changePart(pack, 'added', (items) => items.filter(({ key }) => key !== edit.key));
    }
    default:
      return assertNever(edit);
  }
}

/**
 * The draft after one change of it.
 * @throws WatchfloorError `not-found` where an item is gone, `too-large` where a part is full; nothing is changed then
 */
export function editHandover(draft: HandoverDraft, edit: HandoverEdit, newId: () => string): HandoverDraft {
  return { ...draft, pack: edited(draft.pack, edit, newId), revision: draft.revision + 1 };
}

/**
 * A pack of newer facts with what was said in an older draft of it: remarks stay with their items, what was dropped
 * stays dropped while it is there, what was added stays, and items that were there keep their order before new ones.
 */
export function carryOver(before: HandoverPack, fresh: HandoverPack): HandoverPack {
  const remarks = new Map(
    [...handoverItems(before), ...before.dropped.map(({ item }) => item)].map(({ key, remark }) => [
      key,
      remark,
    ]),
  );
  const withRemark = (item: HandoverItem): HandoverItem => ({ ...item, remark: remarks.get(item.key) ?? '' });
  const reasons = new Map(before.dropped.map(({ item, reason }) => [item.key, reason]));
  const dropped: HandoverPack['dropped'] = [];
  const parts = fresh.parts.map((part): HandoverPart => {
    const old = before.parts.find(({ section }) => section === part.section)?.items ?? [];
    if (part.section === 'added') {
      const kept = before.dropped.filter(({ section }) => section === 'added');
      dropped.push(...kept);
      return { ...part, items: old };
    }
    const places = new Map(old.map(({ key }, index) => [key, index]));
    const there: HandoverItem[] = [];
    for (const each of part.items.map(withRemark)) {
      const reason = reasons.get(each.key);
      if (reason === undefined) there.push(each);
      else dropped.push({ section: part.section, item: each, reason });
    }
    const place = ({ key }: HandoverItem) => places.get(key) ?? old.length;
    return { ...part, items: there.toSorted((left, right) => place(left) - place(right)) };
  });
  return { ...fresh, id: before.id, parts, dropped, notes: before.notes };
}

/** A checklist with an answer for each item of a pack, in its order; what is not answered yet is open. */
export function checklistFor(pack: HandoverPack, answers: readonly HandoverAnswer[]): HandoverAnswer[] {
  const known = new Map(answers.map((answer) => [answer.key, answer]));
  return handoverItems(pack).map(({ key }) => known.get(key) ?? { key, state: 'open', remark: '' });
}

/** @throws WatchfloorError `not-found` without such an item, `bad-input` for a query that asks nothing */
export function answerItem(
  pack: HandoverPack,
  answers: readonly HandoverAnswer[],
  answer: HandoverAnswer,
): HandoverAnswer[] {
  if (!handoverItems(pack).some(({ key }) => key === answer.key)) throw missing();
  if (answer.state === 'queried' && answer.remark.trim() === '') {
    throw new WatchfloorError('bad-input', 'Say what is not clear. Nothing was changed.');
  }
  const remark = answer.state === 'queried' ? answer.remark.trim() : '';
  return checklistFor(pack, [...answers.filter(({ key }) => key !== answer.key), { ...answer, remark }]);
}
