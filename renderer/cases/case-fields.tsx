import { useId, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { caseTemplates } from '../../shared/domain/case-templates.ts';
import { Button, FormDialog, IconButton, SafeText, Section, TextField, useCommands } from '../ui/index.ts';
import { useCaseEdit } from './case-desk.tsx';

/** Names that the playbooks ask for, so that the same thing is called the same in all cases. */
const usualNames = [
  ...new Set(caseTemplates.flatMap(({ fields }) => fields.map(({ label }) => label))),
].sort();

/** What the case says in fields of its own, e.g. a ticket's number or the peak of an attack. */
export function CaseFields({ state }: { readonly state: CaseState }) {
  const edit = useCaseEdit();
  const [editing, setEditing] = useState<{ readonly name: string; readonly value: string } | null>(null);
  useCommands(
    edit === null
      ? []
      : [
          {
            id: 'case.field',
            title: 'Set a custom field',
            group: 'Case',
            run: () => setEditing({ name: '', value: '' }),
          },
        ],
  );
  if (edit === null && state.fields.length === 0) return null;
  return (
    <Section
      title={`Fields (${state.fields.length})`}
      aside={
        edit === null ? null : (
          <Button small icon="plus" onClick={() => setEditing({ name: '', value: '' })}>
            Set field
          </Button>
        )
      }
    >
      {state.fields.length === 0 ? (
        <p className="quiet">A ticket’s number, the peak of the attack, an invoice: names are free.</p>
      ) : (
        <dl className="case-fields">
          {state.fields.map((field) => (
            <div key={field.name} className="case-field">
              <dt>
                <SafeText text={field.name} limit={80} plain />
              </dt>
              <dd>
                <SafeText text={field.value} limit={400} />
              </dd>
              {edit === null ? null : (
                <dd className="case-field-action">
                  <IconButton
                    icon="edit"
                    label={`Edit the field ${field.name.slice(0, 80)}`}
                    onClick={() => setEditing(field)}
                  />
                </dd>
              )}
            </div>
          ))}
        </dl>
      )}
      {editing === null ? null : (
        <FieldDialog
          field={editing}
          isKnown={state.fields.some(({ name }) => name === editing.name)}
          onClose={() => setEditing(null)}
        />
      )}
    </Section>
  );
}

function FieldDialog({
  field,
  isKnown,
  onClose,
}: {
  readonly field: { readonly name: string; readonly value: string };
  readonly isKnown: boolean;
  readonly onClose: () => void;
}) {
  const edit = useCaseEdit();
  const [name, setName] = useState(field.name);
  const [value, setValue] = useState(field.value);
  const listId = useId();
  const isWrong = name.trim() === '' || value.trim() === '';
  const set = async (next: string | null) => {
    const done = await edit?.append({ kind: 'field-set', name: name.trim(), value: next });
    if (done) onClose();
  };
  return (
    <FormDialog
      title="Custom field"
      width="small"
      onClose={onClose}
      confirmLabel="Save field"
      ready={!isWrong}
      lead={
        isKnown ? (
          <Button variant="danger" onClick={() => void set(null)}>
            Take away
          </Button>
        ) : null
      }
      onConfirm={() => void set(value.trim())}
    >
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        maxLength={80}
        disabled={isKnown}
        autoFocus={!isKnown}
        inputProps={{ list: listId }}
      />
      <datalist id={listId}>
        {usualNames.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <TextField label="Value" value={value} onChange={setValue} maxLength={2_000} autoFocus={isKnown} />
    </FormDialog>
  );
}
