import { useId, useState } from 'react';
import type { Field } from '../../shared/domain/connection.ts';
import { normalWord, type WordMapRow, withMeaning, wordMapRows } from '../../shared/domain/word-map.ts';
import { Badge, Button, IconButton, SafeText } from '../ui/index.ts';

export interface WordMapFieldProps {
  readonly field: Field & { readonly mapping: NonNullable<Field['mapping']> };
  /** Lines of what differs from the defaults. */
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | null;
  /** Words that came and that nothing named then. */
  readonly unmapped: readonly string[];
}

/** What each word of a source means, as a table whose right side can be changed. */
export function WordMapField({ field, value, onChange, error, unmapped }: WordMapFieldProps) {
  const id = useId();
  const { mapping } = field;
  const [word, setWord] = useState('');
  const [meaning, setMeaning] = useState(mapping.otherwise);
  const labelOf = (wanted: string) => mapping.meanings.find((each) => each.value === wanted)?.label ?? wanted;
  const set = (words: readonly string[], to: string | null) =>
    onChange(withMeaning(mapping, value, words, to));
  const add = () => {
    if (normalWord(word) === '') return;
    set([word], meaning);
    setWord('');
  };
  return (
    <div className="field word-map">
      <span id={id} className="field-label">
        {field.label}
      </span>
      <table className="word-map-table" aria-labelledby={id}>
        <thead>
          <tr>
            <th scope="col">{mapping.wordLabel}</th>
            <th scope="col">{mapping.meaningLabel}</th>
            <th scope="col">
              <span className="visually-hidden">How it comes to that</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {wordMapRows(mapping, value, unmapped).map((row) => (
            <tr key={`${row.kind} ${row.words.join(' ')}`}>
              <td className="mono">
                <SafeText text={row.words.join(', ')} limit={300} />
              </td>
              <td>
                <select
                  className="input select"
                  aria-label={`${mapping.meaningLabel}: ${row.words.join(', ')}`}
                  value={row.kind === 'unmapped' ? '' : row.meaning}
                  onChange={(event) => set(row.words, event.target.value)}
                >
                  {row.kind === 'unmapped' ? <option value="">{labelOf(mapping.otherwise)}</option> : null}
                  {mapping.meanings.map((each) => (
                    <option key={each.value} value={each.value}>
                      {each.label}
                    </option>
                  ))}
                </select>
              </td>
              <td className="word-map-note">
                <RowNote row={row} labelOf={labelOf} onReset={() => set(row.words, null)} />
              </td>
            </tr>
          ))}
          {mapping.isOpen ? (
            <tr>
              <td>
                <input
                  className="input mono"
                  aria-label={`${field.label}: another word`}
                  placeholder="another word"
                  value={word}
                  maxLength={200}
                  onChange={(event) => setWord(event.target.value)}
                  onKeyDown={(event) => {
                    if (event.key !== 'Enter' || event.ctrlKey) return;
                    event.preventDefault();
                    add();
                  }}
                />
              </td>
              <td>
                <select
                  className="input select"
                  aria-label={`${field.label}: what the other word means`}
                  value={meaning}
                  onChange={(event) => setMeaning(event.target.value)}
                >
                  {mapping.meanings.map((each) => (
                    <option key={each.value} value={each.value}>
                      {each.label}
                    </option>
                  ))}
                </select>
              </td>
              <td className="word-map-note">
                <Button small disabled={normalWord(word) === ''} onClick={add}>
                  Add
                </Button>
              </td>
            </tr>
          ) : null}
        </tbody>
      </table>
      <div className="field-help">
        {mapping.isOpen ? `What nothing names is taken as ${labelOf(mapping.otherwise).toLowerCase()}. ` : ''}
        {field.help} A change counts for what comes after it is saved; alerts that are there stay as they are.
      </div>
      {error ? <div className="field-error">{error}</div> : null}
    </div>
  );
}

function RowNote({
  row,
  labelOf,
  onReset,
}: {
  readonly row: WordMapRow;
  readonly labelOf: (meaning: string) => string;
  readonly onReset: () => void;
}) {
  switch (row.kind) {
    case 'unmapped':
      return <Badge tone="warning">Came, not named</Badge>;
    case 'changed':
      return (
        <span className="word-map-own">
          <span className="quiet">by default {labelOf(row.before ?? '')}</span>
          <IconButton
            icon="undo"
            label={`Back to the default of ${row.words.join(', ')}`}
            onClick={onReset}
          />
        </span>
      );
    case 'own':
      return (
        <span className="word-map-own">
          <span className="quiet">Your own</span>
          <IconButton icon="close" label={`Take ${row.words.join(', ')} out`} onClick={onReset} />
        </span>
      );
    case 'default':
      return <span className="quiet">Default</span>;
  }
}
