import type { Ref } from 'react';
import { Kbd, TextField } from '../ui/index.ts';

/** One line to add something with Enter. */
export function AddField({
  label,
  placeholder,
  keys = null,
  inputRef,
  value,
  onChange,
  onAdd,
  maxLength,
  error,
  mono = false,
}: {
  readonly label: string;
  readonly placeholder: string;
  /** The key that leads here, shown while it is empty. */
  readonly keys?: string | null;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onAdd: () => Promise<void>;
  readonly maxLength: number;
  readonly error?: string | null;
  readonly mono?: boolean;
}) {
  return (
    <div className="add-field">
      <TextField
        label={label}
        hideLabel
        value={value}
        onChange={onChange}
        placeholder={placeholder}
        maxLength={maxLength}
        mono={mono}
        {...(inputRef === undefined ? {} : { inputRef })}
        error={error}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) void onAdd();
          else if (event.key === 'Escape') event.currentTarget.blur();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      {value === '' && keys !== null ? <Kbd keys={keys} /> : null}
    </div>
  );
}

type SetText = (next: (typed: string) => string) => void;

/**
 * Empties a field at once, so that the next can be typed and nothing is added twice; what could not be added comes back
 * before what was typed since.
 * @param add resolves with null where it failed
 */
export async function addFrom(
  text: string,
  setText: SetText,
  add: (wanted: string) => Promise<unknown>,
): Promise<void> {
  const wanted = text.trim();
  if (wanted === '') return;
  setText(() => '');
  if ((await add(wanted)) === null) setText((typed) => (typed === '' ? text : `${text} ${typed}`));
}

/** What is left of a text of which the beginning was saved: what was typed while that took its time stays. */
export function withoutSaved(typed: string, saved: string): string {
  return typed.startsWith(saved) ? typed.slice(saved.length).trimStart() : typed;
}

/** Brings a control into sight and gives it the focus. */
export function focusOn(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
  element?.focus();
}
