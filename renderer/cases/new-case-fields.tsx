import { type Severity, severities } from '../../shared/domain/alert.ts';
import { SelectField, severityWords, TextField, useApp } from '../ui/index.ts';

/** What a case begins with. */
export interface NewCase {
  readonly title: string;
  readonly severity: Severity;
  readonly customerId: string | null;
}

/** The fields of a case that is opened. */
export function NewCaseFields({
  value,
  onChange,
}: {
  readonly value: NewCase;
  readonly onChange: (value: NewCase) => void;
}) {
  const customers = useApp((state) => state.customers);
  return (
    <>
      <TextField
        label="Title"
        value={value.title}
        onChange={(title) => onChange({ ...value, title })}
        maxLength={300}
        required
        autoFocus
      />
      <div className="field-pair">
        <SelectField
          label="Severity"
          value={value.severity}
          onChange={(severity) => onChange({ ...value, severity })}
          options={severities.toReversed().map((each) => ({ value: each, label: severityWords[each] }))}
        />
        <SelectField
          label="Customer"
          value={value.customerId ?? ''}
          onChange={(id) => onChange({ ...value, customerId: id === '' ? null : id })}
          options={[
            { value: '', label: 'None' },
            ...customers.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      </div>
    </>
  );
}
