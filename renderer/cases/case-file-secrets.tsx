import { useRef } from 'react';
import { Button, Field } from '../ui/index.ts';

/** A passphrase or key as it is typed: masked, kept by no form of the browser. */
export function MaskedField({
  label,
  value,
  onChange,
  help,
  error,
  autoFocus = false,
  isNew = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly help?: string;
  readonly error?: string | null;
  readonly autoFocus?: boolean;
  /** It is being made up, not remembered. */
  readonly isNew?: boolean;
}) {
  return (
    <Field label={label} help={help} error={error}>
      {(ids) => (
        <input
          {...ids}
          type="password"
          className="input mono"
          autoComplete={isNew ? 'new-password' : 'off'}
          maxLength={1_000}
          value={value}
          data-autofocus={autoFocus ? '' : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** A key file holds a few lines; more is something else. */
const mostKeyFileBytes = 64 * 1024;

/** The identities in the text of a key file of age: a line each, comments left aside. */
export function identitiesIn(text: string): string[] {
  return text
    .split(/\s*\n\s*/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Asks for age identities, typed or from a key file. */
export function IdentityField({
  value,
  onChange,
  error,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | null;
}) {
  const fileRef = useRef<HTMLInputElement>(null);
  return (
    <div className="file-place">
      <MaskedField
        label="age identity"
        help="AGE-SECRET-KEY-1…, as in a key file of age. It is used once and kept nowhere."
        value={value}
        onChange={onChange}
        error={error}
        autoFocus
      />
      <Button onClick={() => fileRef.current?.click()}>Key file…</Button>
      <input
        ref={fileRef}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-label="Key file"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file === undefined || file.size > mostKeyFileBytes) return;
          void file.text().then((text) => onChange(identitiesIn(text).join(' ')));
        }}
      />
    </div>
  );
}
