import {
  type ChangeEvent,
  type InputHTMLAttributes,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useId,
  useState,
} from 'react';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';

interface FieldBase {
  readonly label: string;
  readonly help?: ReactNode;
  /** What is wrong with the value, in words. */
  readonly error?: string | null | undefined;
  readonly required?: boolean;
  readonly disabled?: boolean;
  /** The label is for screen readers only, e.g. in a table or a bar. */
  readonly hideLabel?: boolean;
  readonly className?: string;
}

interface FieldIds {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
  readonly required: boolean | undefined;
  readonly disabled: boolean | undefined;
}

/** Label, control, help and error around any control; the child gets the ids that tie them together. */
export function Field({
  label,
  help,
  error,
  required,
  disabled,
  hideLabel,
  className,
  children,
}: FieldBase & { readonly children: (ids: FieldIds) => ReactNode }) {
  const id = useId();
  const describedBy = [help ? `${id}-help` : null, error ? `${id}-error` : null].filter(
    (each) => each !== null,
  );
  return (
    <div className={classNames('field', error ? 'has-error' : null, className)}>
      <label htmlFor={id} className={hideLabel ? 'visually-hidden' : 'field-label'}>
        {label}
        {required ? <span className="field-required"> required</span> : null}
      </label>
      {children({
        id,
        'aria-describedby': describedBy.length > 0 ? describedBy.join(' ') : undefined,
        'aria-invalid': error ? true : undefined,
        required: required || undefined,
        disabled: disabled || undefined,
      })}
      {help ? (
        <div id={`${id}-help`} className="field-help">
          {help}
        </div>
      ) : null}
      {error ? (
        <div id={`${id}-error`} className="field-error">
          {error}
        </div>
      ) : null}
    </div>
  );
}

export interface TextFieldProps extends FieldBase {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: 'text' | 'url' | 'search' | 'email';
  readonly placeholder?: string | undefined;
  /** Data such as addresses and paths is set in the mono face. */
  readonly mono?: boolean;
  readonly maxLength?: number;
  readonly autoFocus?: boolean;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly inputProps?: InputHTMLAttributes<HTMLInputElement>;
}

export function TextField({
  value,
  onChange,
  type = 'text',
  placeholder,
  mono,
  maxLength,
  autoFocus,
  onKeyDown,
  inputRef,
  inputProps,
  ...base
}: TextFieldProps) {
  return (
    <Field {...base}>
      {(ids) => (
        <input
          {...inputProps}
          {...ids}
          ref={inputRef}
          type={type}
          className={classNames('input', mono && 'mono')}
          value={value}
          placeholder={placeholder}
          maxLength={maxLength}
          data-autofocus={autoFocus ? '' : undefined}
          autoComplete="off"
          spellCheck={false}
          onKeyDown={onKeyDown}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

export interface NumberFieldProps extends FieldBase {
  /** null while the field is empty. */
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly step?: number;
  /** Shown after the field, e.g. `min`. */
  readonly unit?: string;
  readonly autoFocus?: boolean;
}

export function NumberField({ value, onChange, min, max, step, unit, autoFocus, ...base }: NumberFieldProps) {
  return (
    <Field {...base}>
      {(ids) => (
        <span className="input-with-unit">
          <input
            {...ids}
            type="number"
            className="input tabular"
            value={value ?? ''}
            min={min}
            max={max}
            step={step ?? 'any'}
            data-autofocus={autoFocus ? '' : undefined}
            onChange={(event) => {
              const text = event.target.value;
              onChange(text === '' || Number.isNaN(Number(text)) ? null : Number(text));
            }}
          />
          {unit ? <span className="input-unit">{unit}</span> : null}
        </span>
      )}
    </Field>
  );
}

export interface Option<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
}

export interface SelectFieldProps<Value extends string> extends FieldBase {
  readonly value: Value;
  readonly options: readonly Option<Value>[];
  readonly onChange: (value: Value) => void;
  readonly selectRef?: Ref<HTMLSelectElement>;
}

export function SelectField<Value extends string>({
  value,
  options,
  onChange,
  selectRef,
  ...base
}: SelectFieldProps<Value>) {
  return (
    <Field {...base}>
      {(ids) => (
        <select
          {...ids}
          ref={selectRef}
          className="input select"
          value={value}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.target.value);
            if (chosen) onChange(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {toSafeExcerpt(option.label, 300)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export interface CheckboxFieldProps {
  readonly label: ReactNode;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly help?: ReactNode;
  readonly disabled?: boolean;
  readonly indeterminate?: boolean;
}

export function CheckboxField({
  label,
  checked,
  onChange,
  help,
  disabled,
  indeterminate,
}: CheckboxFieldProps) {
  const id = useId();
  return (
    <div className="field field-checkbox">
      <label className="checkbox-label" htmlFor={id}>
        <input
          id={id}
          type="checkbox"
          className="checkbox"
          checked={checked}
          disabled={disabled}
          ref={(element) => {
            if (element) element.indeterminate = indeterminate === true;
          }}
          aria-describedby={help ? `${id}-help` : undefined}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span>{label}</span>
      </label>
      {help ? (
        <div id={`${id}-help`} className="field-help">
          {help}
        </div>
      ) : null}
    </div>
  );
}

export interface TextAreaFieldProps extends FieldBase {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly rows?: number;
  readonly placeholder?: string | undefined;
  readonly mono?: boolean;
  readonly maxLength?: number;
  readonly autoFocus?: boolean;
  readonly textAreaRef?: Ref<HTMLTextAreaElement>;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
}

export function TextAreaField({
  value,
  onChange,
  rows = 4,
  placeholder,
  mono,
  maxLength,
  autoFocus,
  textAreaRef,
  onKeyDown,
  ...base
}: TextAreaFieldProps) {
  return (
    <Field {...base}>
      {(ids) => (
        <textarea
          {...ids}
          ref={textAreaRef}
          className={classNames('input', 'textarea', mono && 'mono')}
          rows={rows}
          value={value}
          placeholder={placeholder}
          maxLength={maxLength}
          data-autofocus={autoFocus ? '' : undefined}
          spellCheck={!mono}
          onKeyDown={onKeyDown}
          onChange={(event: ChangeEvent<HTMLTextAreaElement>) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

export interface SecretFieldProps extends FieldBase {
  /** Whether the core holds a value already; the value itself never comes back. */
  readonly isSet: boolean;
  /** undefined: leave as it is. A text sets it, null removes it. */
  readonly value: string | null | undefined;
  readonly onChange: (value: string | null | undefined) => void;
}

/** A secret: write-only, with Set, Replace and Remove. */
export function SecretField({ isSet, value, onChange, ...base }: SecretFieldProps) {
  const [editing, setEditing] = useState(false);
  const showInput = editing || (!isSet && value !== null);
  return (
    <Field {...base}>
      {(ids) =>
        showInput ? (
          <span className="input-row">
            <input
              {...ids}
              type="password"
              className="input mono"
              autoComplete="new-password"
              value={value ?? ''}
              onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
            />
            {isSet ? (
              <Button
                small
                onClick={() => {
                  setEditing(false);
                  onChange(undefined);
                }}
              >
                Keep the old one
              </Button>
            ) : null}
          </span>
        ) : (
          <span className="input-row">
            <span id={ids.id} className="secret-state">
              {value === null ? 'Will be removed' : 'Set'}
            </span>
            <Button small disabled={ids.disabled} onClick={() => setEditing(true)}>
              Replace
            </Button>
            {value === null ? (
              <Button small onClick={() => onChange(undefined)}>
                Keep it
              </Button>
            ) : (
              <Button small disabled={ids.disabled} onClick={() => onChange(null)}>
                Remove
              </Button>
            )}
          </span>
        )
      }
    </Field>
  );
}

/** All that is wrong with a form, above its buttons; announced when it appears. */
export function FormErrors({ errors }: { readonly errors: readonly string[] }) {
  if (errors.length === 0) return null;
  return (
    <div className="form-errors" role="alert">
      {errors.length === 1 ? (
        errors[0]
      ) : (
        <ul>
          {errors.map((error) => (
            <li key={error}>{error}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
