import { useEffect, useRef, useState } from 'react';
import type {
  Connection,
  Descriptor,
  Field,
  TestResult,
  UnmappedWord,
} from '../../shared/domain/connection.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import {
  Button,
  CheckboxField,
  CodeBlock,
  ConfirmDialog,
  ErrorNote,
  Facts,
  FormErrors,
  HealthBadge,
  Icon,
  IconButton,
  NumberField,
  Pane,
  SafeText,
  SecretField,
  Section,
  SelectField,
  TextAreaField,
  TextField,
  Time,
  useAction,
  useApp,
  useCommands,
} from '../ui/index.ts';
import {
  type FormSecrets,
  type FormValues,
  fillSetup,
  formProblems,
  initialValues,
  settingsOf,
  shownGroups,
} from './connection-form.ts';
import { RejectedRecords } from './rejected-records.tsx';
import { WordMapField } from './word-map-field.tsx';

/** One source or target: how it does, its form as its descriptor draws it, a test that says what it saw. */
export function ConnectionPane({
  descriptor,
  connection,
  onClose,
  onSaved,
  onRemoved,
}: {
  readonly descriptor: Descriptor;
  /** null adds a new one. */
  readonly connection: Connection | null;
  readonly onClose: () => void;
  readonly onSaved: (connection: Connection) => void;
  readonly onRemoved: () => void;
}) {
  const customers = useApp((state) => state.customers);
  const notify = useApp((state) => state.notify);
  const nameRef = useRef<HTMLInputElement>(null);
  const isNew = connection === null;
  useEffect(() => {
    if (isNew) nameRef.current?.focus();
  }, [isNew]);
  const noun = descriptor.role === 'source' ? 'source' : 'target';
  const [name, setName] = useState(connection?.name ?? '');
  const [customerId, setCustomerId] = useState(
    connection?.customerId ?? (connection === null ? (customers[0]?.id ?? '') : ''),
  );
  const [values, setValues] = useState<FormValues>(() => initialValues(descriptor, connection));
  const [secrets, setSecrets] = useState<FormSecrets>({});
  const [tried, setTried] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [result, setResult] = useState<TestResult | null>(null);
  const save = useAction('connections.save');
  const test = useAction('connections.test');
  const enable = useAction('connections.setEnabled');
  const remove = useAction('connections.remove');

  const outcomeRef = useRef<HTMLDivElement>(null);
  const testState = test.running ? 'running' : (test.error ?? result);
  // What the test saw appears at the end of a long form: it is brought into sight.
  useEffect(() => {
    if (testState !== null) outcomeRef.current?.scrollIntoView({ block: 'end' });
  }, [testState]);

  const problems = formProblems(descriptor, values, secrets, connection?.secretsSet ?? []);
  const allProblems = [...(name.trim() === '' ? ['The name is needed.'] : []), ...Object.values(problems)];
  const common = () => ({
    id: connection?.id ?? null,
    role: descriptor.role,
    kind: descriptor.kind,
    customerId: customerId === '' ? null : customerId,
    settings: settingsOf(descriptor, values),
    secrets: { ...secrets },
  });
  const runTest = async () => {
    setResult(null);
    const answer = await test.run(common());
    if (answer) setResult(answer);
  };
  const submit = async () => {
    setTried(true);
    if (allProblems.length > 0 || save.running) return;
    const saved = await save.run({ ...common(), name: name.trim(), enabled: connection?.enabled ?? true });
    if (saved === null) return;
    setSecrets({});
    notify({ text: connection === null ? `Added ${saved.name}` : `Saved ${saved.name}`, tone: 'good' });
    onSaved(saved);
  };
  useCommands([
    {
      id: 'settings.connection.save',
      title: `Save the ${noun}`,
      group: 'Settings',
      keys: ['Ctrl+Enter'],
      whileTyping: true,
      run: () => void submit(),
    },
    {
      id: 'settings.connection.test',
      title: `Test this ${noun}`,
      group: 'Settings',
      keys: ['Ctrl+Shift+Enter'],
      whileTyping: true,
      run: () => void runTest(),
    },
  ]);

  const groups = shownGroups(descriptor, values);
  const showField = (field: Field) => (
    <FormField
      key={field.key}
      field={field}
      values={values}
      secrets={secrets}
      secretsSet={connection?.secretsSet ?? []}
      unmapped={connection?.health.unmapped ?? []}
      error={tried ? (problems[field.key] ?? null) : null}
      onValue={(value) => setValues((before) => ({ ...before, [field.key]: value }))}
      onSecret={(value) => setSecrets((before) => withSecret(before, field.key, value))}
    />
  );
  return (
    <Pane
      title={
        connection === null ? `New ${noun}: ${descriptor.name}` : <SafeText text={connection.name} plain />
      }
      aside={<IconButton icon="close" label="Close the form" keys="Escape" onClick={onClose} />}
    >
      {connection ? (
        <>
          <HealthSection connection={connection} />
          {connection.role === 'source' ? <RejectedRecords connection={connection} /> : null}
        </>
      ) : (
        <p className="quiet">{descriptor.summary}</p>
      )}
      <form
        className="connection-form"
        aria-label={`${descriptor.name} settings`}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Section title="Settings">
          <TextField
            label="Name"
            value={name}
            onChange={setName}
            maxLength={120}
            required
            inputRef={nameRef}
            placeholder={`e.g. ${descriptor.kind}-eu`}
            error={tried && name.trim() === '' ? 'The name is needed.' : null}
          />
          <SelectField
            label="Customer"
            value={customerId}
            onChange={setCustomerId}
            options={[
              { value: '', label: 'None' },
              ...customers.map((customer) => ({ value: customer.id, label: customer.name })),
            ]}
            help={
              descriptor.role === 'source'
                ? 'Whose signals and alerts it brings; the signals’ table corrects single ones.'
                : undefined
            }
          />
          {groups
            .filter((group) => group.name === null)
            .flatMap((group) => group.fields)
            .map(showField)}
        </Section>
        {groups
          .filter((group) => group.name !== null)
          .map((group) => (
            <Section key={group.name} title={group.name}>
              {group.fields.map(showField)}
            </Section>
          ))}
        {tried ? <FormErrors errors={allProblems} /> : null}
        {save.error ? <ErrorNote error={save.error} onDismiss={save.clearError} /> : null}
        {enable.error ? <ErrorNote error={enable.error} onDismiss={enable.clearError} /> : null}
        {remove.error ? <ErrorNote error={remove.error} onDismiss={remove.clearError} /> : null}
        <div ref={outcomeRef} className="test-outcome">
          {test.error ? <ErrorNote error={test.error} onDismiss={test.clearError} /> : null}
          {test.running ? (
            <p className="quiet" role="status">
              Testing… nothing is stored or changed.{' '}
              <Button small onClick={test.cancel}>
                Cancel
              </Button>
            </p>
          ) : null}
          {result ? <TestLines result={result} noun={noun} /> : null}
        </div>
        <div className="connection-buttons">
          <Button busy={test.running} keys="Ctrl+Shift+Enter" onClick={() => void runTest()}>
            Test this {noun}
          </Button>
          <Button type="submit" variant="primary" busy={save.running} keys="Ctrl+Enter">
            {connection === null ? `Add ${noun}` : 'Save'}
          </Button>
          {connection ? (
            <>
              <span className="grow" />
              <Button
                busy={enable.running}
                onClick={() => void enable.run({ id: connection.id, enabled: !connection.enabled })}
              >
                {connection.enabled ? 'Disable' : 'Enable'}
              </Button>
              <Button variant="danger" onClick={() => setRemoving(true)}>
                Remove
              </Button>
            </>
          ) : null}
        </div>
      </form>
      {descriptor.setup.length > 0 ? (
        <Section title={`What to set up on its side`}>
          {descriptor.setup.map((snippet) => (
            <CodeBlock
              key={snippet.title}
              label={snippet.title}
              language={snippet.language}
              text={fillSetup(snippet.text, values)}
            />
          ))}
        </Section>
      ) : null}
      {removing && connection ? (
        <ConfirmDialog
          title={`Remove ${noun} ${connection.name}`}
          confirmLabel={`Remove ${noun}`}
          danger
          busy={remove.running}
          onClose={() => setRemoving(false)}
          onConfirm={() => {
            setRemoving(false);
            void remove.run({ id: connection.id }).then((done) => {
              if (done === null) return;
              notify({ text: `Removed ${connection.name}` });
              onRemoved();
            });
          }}
        >
          {descriptor.role === 'source'
            ? 'Nothing new comes from it. What it brought stays: alerts, signals and what cases hold.'
            : 'Nothing can be applied there any more. Blocks in force end by themselves; they are not removed from it now.'}
        </ConfirmDialog>
      ) : null}
    </Pane>
  );
}

function withSecret(before: FormSecrets, key: string, value: string | null | undefined): FormSecrets {
  const { [key]: _, ...rest } = before;
  return value === undefined ? rest : { ...rest, [key]: value };
}

/** One field as its descriptor describes it. */
function FormField({
  field,
  values,
  secrets,
  secretsSet,
  unmapped,
  error,
  onValue,
  onSecret,
}: {
  readonly field: Field;
  readonly values: FormValues;
  readonly secrets: FormSecrets;
  readonly secretsSet: readonly string[];
  readonly unmapped: readonly UnmappedWord[];
  readonly error: string | null;
  readonly onValue: (value: string | number | boolean | null) => void;
  readonly onSecret: (value: string | null | undefined) => void;
}) {
  const value = values[field.key] ?? null;
  const text = value === null ? '' : String(value);
  const common = {
    label: field.label,
    help: field.help === '' ? undefined : field.help,
    error,
    required: field.required,
  };
  switch (field.type) {
    case 'boolean':
      return (
        <CheckboxField
          label={field.label}
          checked={value === true}
          onChange={onValue}
          help={field.help === '' ? undefined : field.help}
        />
      );
    case 'number':
      return (
        <NumberField
          {...common}
          value={text === '' || !Number.isFinite(Number(text)) ? null : Number(text)}
          onChange={onValue}
          min={field.min}
          max={field.max}
        />
      );
    case 'select':
      return (
        <SelectField
          {...common}
          value={text}
          onChange={onValue}
          options={[
            ...(field.options?.some((option) => option.value === text)
              ? []
              : [{ value: text, label: 'Choose…' }]),
            ...(field.options ?? []),
          ]}
        />
      );
    case 'secret':
      return (
        <SecretField
          {...common}
          isSet={secretsSet.includes(field.key)}
          value={secrets[field.key]}
          onChange={onSecret}
        />
      );
    case 'lines':
    case 'json':
      return (
        <TextAreaField
          {...common}
          value={text}
          onChange={onValue}
          rows={Math.min(12, Math.max(3, text.split('\n').length + 1))}
          mono
          placeholder={field.placeholder}
        />
      );
    case 'mapping':
      return field.mapping === undefined ? null : (
        <WordMapField
          field={{ ...field, mapping: field.mapping }}
          value={text}
          onChange={onValue}
          error={error}
          unmapped={unmapped.filter(({ key }) => key === field.key).map(({ word }) => word)}
        />
      );
    case 'text':
    case 'url':
    case 'path':
      return (
        <TextField
          {...common}
          value={text}
          onChange={onValue}
          type={field.type === 'url' ? 'url' : 'text'}
          mono={field.type !== 'text'}
          placeholder={field.placeholder}
        />
      );
  }
}

const testIcons = { ok: 'check', warning: 'warning', error: 'close', info: 'info' } as const;
const testWords = { ok: 'OK', warning: 'Warning', error: 'Error', info: 'Note' } as const;

function TestLines({ result, noun }: { readonly result: TestResult; readonly noun: string }) {
  return (
    <section className={result.ok ? 'test-result' : 'test-result is-bad'} aria-label={`Test of this ${noun}`}>
      <p role="status">
        <strong>{result.ok ? `This ${noun} can be used` : `This ${noun} cannot be used as it is`}</strong>
      </p>
      <ul>
        {result.lines.map((line) => (
          <li key={`${line.level} ${line.text}`} className={`test-${line.level}`}>
            <Icon name={testIcons[line.level]} size={12} />
            <span className="visually-hidden">{testWords[line.level]}: </span>
            <SafeText text={line.text} limit={600} multiline />
          </li>
        ))}
      </ul>
    </section>
  );
}

function HealthSection({ connection }: { readonly connection: Connection }) {
  const { health } = connection;
  return (
    <Section title="Health" aside={<HealthBadge state={health.state} />}>
      <p>
        <SafeText text={health.sentence} limit={600} multiline />
      </p>
      <Facts
        items={[
          { name: 'Last success', value: <Time timeMs={health.lastSuccessMs} /> },
          ...(health.nextAttemptMs === null
            ? []
            : [{ name: 'Next attempt', value: <Time timeMs={health.nextAttemptMs} format="clock" /> }]),
          ...(health.consecutiveFailures === 0
            ? []
            : [{ name: 'Failures in a row', value: health.consecutiveFailures.toLocaleString('en') }]),
          ...(connection.role === 'source'
            ? [
                {
                  name: 'Lag',
                  value: health.lagMs === null ? 'nothing came yet' : formatDuration(health.lagMs),
                },
                {
                  name: 'Records',
                  value: `${health.eventsReceived.toLocaleString('en')} received, ${health.recordsRejected.toLocaleString('en')} rejected`,
                },
              ]
            : []),
          ...(health.lastRejection === null
            ? []
            : [{ name: 'Last rejection', value: <SafeText text={health.lastRejection} limit={300} /> }]),
        ]}
      />
      {health.gaps.length > 0 ? (
        <ul className="gap-list" aria-label="Gaps">
          {health.gaps.slice(-8).map((gap) => (
            <li key={gap.fromMs}>
              <span className="gap-mark" aria-hidden="true" />
              <Time timeMs={gap.fromMs} age={false} /> for {formatDuration(gap.toMs - gap.fromMs)}:{' '}
              <SafeText text={gap.reason} limit={200} />
            </li>
          ))}
        </ul>
      ) : null}
    </Section>
  );
}
