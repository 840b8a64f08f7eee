import './work.css';
import type { EntityKind } from '../../shared/domain/entity.ts';
import { defang } from '../../shared/domain/observables.ts';
import { useApp } from '../state/store.ts';
import { copyText } from './copy.ts';
import { MenuButton, type MenuItem } from './menu.tsx';
import { SafeText } from './safe-text.tsx';

export interface ObservableTextProps {
  readonly kind: EntityKind;
  readonly value: string;
  /** What is known of it, in a few words. */
  readonly note?: string | null;
  /** More that can be done with it, after the two ways to copy. */
  readonly actions?: readonly MenuItem[];
}

/** An observable as it may be shown: defanged. Copying defangs too; copying it as it is comes second. */
export function ObservableText({ kind, value, note = null, actions = [] }: ObservableTextProps) {
  const notify = useApp((state) => state.notify);
  const shown = defang(kind, value);
  const copy = async (text: string, said: string) => {
    const copied = await copyText(text);
    notify(copied ? { text: said } : { text: 'Copying is not allowed here.', tone: 'warning' });
  };
  return (
    <span className="observable">
      <span className="observable-kind">{kind}</span>
      <SafeText text={shown} mono limit={120} plain />
      {note === null ? null : <span className="observable-note">{note}</span>}
      <MenuButton
        label={`Actions for ${shown.slice(0, 120)}`}
        icon="more"
        items={[
          {
            id: 'copy',
            label: 'Copy defanged',
            icon: 'copy',
            onSelect: () => void copy(shown, 'Copied defanged'),
          },
          {
            id: 'copy-as-is',
            label: 'Copy as is',
            hint: 'Can be followed by a click or a paste',
            onSelect: () => void copy(value, 'Copied as is'),
          },
          ...actions,
        ]}
      />
    </span>
  );
}
