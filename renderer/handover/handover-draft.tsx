import { useEffect, useRef, useState } from 'react';
import { type HandoverItem, type HandoverView, handoverLimits } from '../../shared/domain/handover.ts';
import { Button, SelectField, TextAreaField, useCommands } from '../ui/index.ts';
import { AddItemDialog, SignDialog, TextDialog } from './handover-dialogs.tsx';
import { ItemRow } from './handover-item.tsx';
import { DroppedItems, PackFacts, PackParts } from './handover-parts.tsx';
import { useActiveItem } from './use-active-item.ts';
import type { HandoverDesk } from './use-handover.ts';

type Asking =
  | { readonly kind: 'remark' | 'drop'; readonly item: HandoverItem }
  | { readonly kind: 'add' | 'sign' }
  | null;

/** A pause in typing after which notes are stored. */
const notesDelayMs = 500;

/** Notes as they are typed; stored in pauses and on leaving, never overwritten while somebody types. */
function useNotes(stored: string, save: (notes: string) => Promise<boolean>) {
  const [text, setText] = useState(stored);
  const [isDirty, setDirty] = useState(false);
  const latest = useRef({ text, isDirty, save });
  latest.current = { text, isDirty, save };
  const flush = async (): Promise<boolean> => {
    const { text: now, isDirty: hasChanged } = latest.current;
    if (!hasChanged) return true;
    const isSaved = await latest.current.save(now);
    if (isSaved && latest.current.text === now) setDirty(false);
    return isSaved;
  };
  const flushRef = useRef(flush);
  flushRef.current = flush;
  useEffect(() => {
    if (!isDirty) setText(stored);
  }, [stored, isDirty]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each sign that is typed begins the pause anew
  useEffect(() => {
    if (!isDirty) return;
    const timer = setTimeout(() => void flushRef.current(), notesDelayMs);
    return () => clearTimeout(timer);
  }, [text, isDirty]);
  useEffect(() => () => void flushRef.current(), []);
  return {
    text,
    isDirty,
    flush,
    type: (next: string) => {
      setText(next);
      setDirty(true);
    },
  };
}

/** The pack in edit, by the outgoing analyst. */
export function HandoverDraft({
  view,
  desk,
  onDiscard,
}: {
  readonly view: HandoverView;
  readonly desk: HandoverDesk;
  readonly onDiscard: () => void;
}) {
  const { pack } = view;
  const [asking, setAsking] = useState<Asking>(null);
  const notesRef = useRef<HTMLTextAreaElement>(null);
  const notes = useNotes(pack.notes, (text) => desk.edit({ type: 'notes', notes: text }));
  const active = useActiveItem(pack, view.reachable);
  const { item } = active;
  const isAdded = pack.parts.some(
    ({ section, items }) => section === 'added' && items.some(({ key }) => key === item?.key),
  );
  const hours = view.draft?.nextShiftHours ?? 8;

  const ask = (kind: 'remark' | 'drop') => {
    if (item !== null) setAsking({ kind, item });
  };
  const move = (by: number) => {
    if (item === null) return;
    active.activate(item.key);
    void desk.edit({ type: 'move', key: item.key, by });
  };
  const take = () => {
    if (item === null) return;
    if (isAdded) void desk.edit({ type: 'remove', key: item.key });
    else ask('drop');
  };
  const sign = async () => {
    // What is still being typed is part of what is signed.
    if (await notes.flush()) setAsking({ kind: 'sign' });
  };
  const lastDropped = pack.dropped.at(-1)?.item;

  const group = 'Handover';
  useCommands([
    ...active.commands,
    {
      id: 'handover.remark',
      title: 'Remark on the item',
      group,
      keys: ['m'],
      enabled: item !== null,
      run: () => ask('remark'),
    },
    {
      id: 'handover.drop',
      title: isAdded ? 'Remove the item' : 'Leave the item out',
      group,
      keys: ['d'],
      enabled: item !== null,
      run: take,
    },
    {
      id: 'handover.restore',
      title: 'Take the item back that was left out last',
      group,
      keys: ['Shift+D'],
      enabled: lastDropped !== undefined,
      run: () => {
        if (lastDropped) void desk.edit({ type: 'restore', key: lastDropped.key });
      },
    },
    {
      id: 'handover.up',
      title: 'Move the item up',
      group,
      keys: ['Shift+K'],
      enabled: item !== null,
      run: () => move(-1),
    },
    {
      id: 'handover.down',
      title: 'Move the item down',
      group,
      keys: ['Shift+J'],
      enabled: item !== null,
      run: () => move(1),
    },
    { id: 'handover.add', title: 'Add an item', group, keys: ['a'], run: () => setAsking({ kind: 'add' }) },
    {
      id: 'handover.notes',
      title: 'Write the notes',
      group,
      keys: ['e'],
      run: () => notesRef.current?.focus(),
    },
    {
      id: 'handover.sign',
      title: 'Sign the handover',
      group,
      keys: ['Ctrl+Enter'],
      whileTyping: true,
      run: () => void sign(),
    },
    { id: 'handover.discard', title: 'Discard the draft', group, run: onDiscard },
  ]);

  return (
    <>
      <div className="handover-scroll">
        <PackFacts pack={pack} />
        <div className="handover-notes">
          <TextAreaField
            label="Notes"
            value={notes.text}
            onChange={notes.type}
            rows={4}
            maxLength={handoverLimits.notes}
            textAreaRef={notesRef}
            placeholder="What is in no list: who calls back, what to watch, what was agreed"
            help={notes.isDirty ? 'Being kept' : 'Kept as you type. Markdown.'}
          />
          <SelectField
            label="The next shift lasts"
            value={String(hours)}
            onChange={(value) => void desk.refresh(Number(value))}
            options={[...new Set([4, 6, 8, 10, 12, hours])]
              .sort((left, right) => left - right)
              .map((each) => ({ value: String(each), label: `${each} h` }))}
          />
        </div>
        <PackParts
          pack={pack}
          renderItem={(each) => (
            <ItemRow
              key={each.key}
              item={each}
              isActive={each.key === item?.key}
              onActivate={() => active.activate(each.key)}
              actions={
                <>
                  <Button small keys="m" onClick={() => ask('remark')}>
                    Remark
                  </Button>
                  <Button small keys="d" onClick={take}>
                    {isAdded ? 'Remove' : 'Leave out'}
                  </Button>
                  <Button small keys="Shift+K" onClick={() => move(-1)}>
                    Up
                  </Button>
                  <Button small keys="Shift+J" onClick={() => move(1)}>
                    Down
                  </Button>
                  {active.open === null ? null : (
                    <Button small keys="o" onClick={active.open}>
                      Open
                    </Button>
                  )}
                </>
              }
            />
          )}
        />
        <DroppedItems
          pack={pack}
          action={({ key }) => (
            <Button
              small
              keys={key === lastDropped?.key ? 'Shift+D' : undefined}
              onClick={() => void desk.edit({ type: 'restore', key })}
            >
              Take back
            </Button>
          )}
        />
      </div>
      <div className="handover-foot">
        <Button small icon="plus" keys="a" onClick={() => setAsking({ kind: 'add' })}>
          Add item
        </Button>
        <Button small variant="quiet" onClick={onDiscard}>
          Discard the draft
        </Button>
        <span className="grow" />
        <Button variant="primary" keys="Ctrl+Enter" busy={desk.isBusy} onClick={() => void sign()}>
          Sign
        </Button>
      </div>
      {asking?.kind === 'remark' ? (
        <TextDialog
          title="Remark"
          label="What the next shift should know of it"
          about={asking.item.title}
          initial={asking.item.remark}
          required={false}
          confirmLabel="Keep remark"
          onClose={() => setAsking(null)}
          onConfirm={(remark) => {
            setAsking(null);
            void desk.edit({ type: 'remark', key: asking.item.key, remark });
          }}
        />
      ) : null}
      {asking?.kind === 'drop' ? (
        <TextDialog
          title="Leave out"
          label="Reason"
          about={asking.item.title}
          confirmLabel="Leave out"
          onClose={() => setAsking(null)}
          onConfirm={(reason) => {
            setAsking(null);
            void desk.edit({ type: 'drop', key: asking.item.key, reason });
          }}
        />
      ) : null}
      {asking?.kind === 'add' ? (
        <AddItemDialog
          onClose={() => setAsking(null)}
          onConfirm={(title, text) => {
            setAsking(null);
            void desk.edit({ type: 'add', title, text });
          }}
        />
      ) : null}
      {asking?.kind === 'sign' ? (
        <SignDialog
          view={view}
          isBusy={desk.isBusy}
          onClose={() => setAsking(null)}
          onConfirm={() => {
            void desk.sign().then(() => setAsking(null));
          }}
        />
      ) : null}
    </>
  );
}
