import { useState } from 'react';
import {
  answerWords,
  countAnswers,
  type HandoverView,
  handoverItems,
  handoverLimits,
} from '../../shared/domain/handover.ts';
import { minuteMs } from '../../shared/domain/time.ts';
import {
  ConfirmDialog,
  FormDialog,
  Notice,
  SafeText,
  TextAreaField,
  TextField,
  Time,
  useApp,
  useNow,
} from '../ui/index.ts';

/** Facts older than this are said to be old before they are signed. */
const oldFactsMs = 10 * minuteMs;
const mostListed = 8;

/** Asks for a text about one item: a remark, a reason, a question. */
export function TextDialog({
  title,
  label,
  about,
  initial = '',
  required = true,
  confirmLabel,
  onConfirm,
  onClose,
}: {
  readonly title: string;
  readonly label: string;
  /** Title of the item. */
  readonly about: string;
  readonly initial?: string;
  readonly required?: boolean;
  readonly confirmLabel: string;
  readonly onConfirm: (text: string) => void;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState(initial);
  return (
    <FormDialog
      title={title}
      width="small"
      onClose={onClose}
      confirmLabel={confirmLabel}
      ready={!required || text.trim() !== ''}
      onConfirm={() => onConfirm(text.trim())}
    >
      <p className="quiet">
        <SafeText text={about} limit={300} plain />
      </p>
      <TextAreaField
        label={label}
        value={text}
        onChange={setText}
        rows={4}
        maxLength={handoverLimits.remark}
        required={required}
        autoFocus
      />
    </FormDialog>
  );
}

/** An item of the analyst's own. */
export function AddItemDialog({
  onConfirm,
  onClose,
}: {
  readonly onConfirm: (title: string, text: string) => void;
  readonly onClose: () => void;
}) {
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  return (
    <FormDialog
      title="Add an item"
      width="small"
      onClose={onClose}
      confirmLabel="Add item"
      ready={title.trim() !== ''}
      onConfirm={() => onConfirm(title.trim(), text.trim())}
    >
      <TextField
        label="What the next shift must know"
        value={title}
        onChange={setTitle}
        maxLength={handoverLimits.title}
        required
        autoFocus
      />
      <TextAreaField
        label="More about it"
        value={text}
        onChange={setText}
        rows={3}
        maxLength={handoverLimits.text}
      />
    </FormDialog>
  );
}

/** Before the outgoing analyst signs: who, what, and how old the facts are. */
export function SignDialog({
  view,
  isBusy,
  onConfirm,
  onClose,
}: {
  readonly view: HandoverView;
  readonly isBusy: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}) {
  const analyst = useApp((state) => state.hello?.analyst?.name ?? 'nobody');
  const now = useNow();
  const { pack } = view;
  const count = handoverItems(pack).length;
  return (
    <ConfirmDialog
      title="Sign the handover"
      confirmLabel={`Sign as ${analyst}`}
      busy={isBusy}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <p>
        {count} {count === 1 ? 'item' : 'items'}, {pack.dropped.length} left out with a reason,{' '}
        {pack.notes.trim() === '' ? 'no notes' : 'with notes'}. Nothing in it is changed any more once it is
        signed.
      </p>
      {now - pack.madeMs > oldFactsMs ? (
        <Notice tone="warning">
          Its facts are of <Time timeMs={pack.madeMs} format="clock" />. Read them anew first with{' '}
          <kbd className="kbd">n</kbd>; what you wrote stays.
        </Notice>
      ) : null}
    </ConfirmDialog>
  );
}

/** Before the incoming analyst countersigns: what was gone through and what was not. */
export function CountersignDialog({
  view,
  isBusy,
  onConfirm,
  onClose,
}: {
  readonly view: HandoverView;
  readonly isBusy: boolean;
  readonly onConfirm: (options: { readonly withOpen: boolean; readonly remark: string }) => void;
  readonly onClose: () => void;
}) {
  const analyst = useApp((state) => state.hello?.analyst?.name ?? 'nobody');
  const [remark, setRemark] = useState('');
  const { open } = countAnswers(view.checklist);
  const titles = new Map(handoverItems(view.pack).map(({ key, title }) => [key, title]));
  const openTitles = view.checklist.flatMap(({ key, state }) =>
    state === 'open' ? [titles.get(key) ?? key] : [],
  );
  const words = answerWords(view.checklist);
  return (
    <FormDialog
      title="Countersign the handover"
      confirmLabel={
        open === 0
          ? `Countersign as ${analyst}`
          : `Countersign with ${open} ${open === 1 ? 'item' : 'items'} not gone through`
      }
      danger={open > 0}
      {...(open === 0 ? { focus: 'confirm' } : {})}
      busy={isBusy}
      onConfirm={() => onConfirm({ withOpen: open > 0, remark: remark.trim() })}
      onClose={onClose}
    >
      <p>{`${words.charAt(0).toUpperCase()}${words.slice(1)}.`}</p>
      {open === 0 ? null : (
        <Notice tone="warning">
          These were not gone through, which the countersignature says:
          <ul className="handover-open-list">
            {openTitles.slice(0, mostListed).map((title, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two items may have the same title
              <li key={index}>
                <SafeText text={title} limit={120} plain />
              </li>
            ))}
          </ul>
          {openTitles.length > mostListed ? `And ${openTitles.length - mostListed} more.` : null}
        </Notice>
      )}
      {view.isMine ? (
        <Notice tone="warning">
          You signed this handover yourself. That you take it over from yourself is said with the
          countersignature.
        </Notice>
      ) : null}
      <TextAreaField
        label="Remark"
        value={remark}
        onChange={setRemark}
        rows={2}
        maxLength={handoverLimits.remark}
        help="Signed with it. Not needed."
      />
    </FormDialog>
  );
}
