import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

export interface RadioOption<Value extends string | null> {
  readonly value: Value;
  /** What it is: a text, or marks, a text and a number in one line. Text from outside through `SafeText`, `plain`. */
  readonly label: ReactNode;
  /** What else is known of it, in a second line. */
  readonly facts?: ReactNode;
}

export interface RadioFieldProps<Value extends string | null> {
  /** The question that one of the options answers. */
  readonly label: string;
  readonly value: Value;
  readonly options: readonly RadioOption<Value>[];
  readonly onChange: (value: Value) => void;
  readonly help?: ReactNode;
  /** The chosen one has the focus first, also where the options come after their dialog. */
  readonly autoFocus?: boolean;
}

/**
 * One of a few, each in a line or two that are shown whole: where a select would hide what tells them apart. Arrows move
 * and choose, as the browser does it.
 */
export function RadioField<Value extends string | null>({
  label,
  value,
  options,
  onChange,
  help,
  autoFocus = false,
}: RadioFieldProps<Value>) {
  const id = useId();
  const list = useRef<HTMLFieldSetElement>(null);
  // In a dialog that opens with them it is too early for this, and the dialog itself goes by the attribute.
  useLayoutEffect(() => {
    if (autoFocus) list.current?.querySelector<HTMLElement>('input:checked')?.focus();
  }, [autoFocus]);
  return (
    <fieldset className="field" ref={list} aria-describedby={help ? `${id}-help` : undefined}>
      <legend className="field-label">{label}</legend>
      <div className="radio-options">
        {options.map((option) => (
          <label className="radio-option" key={option.value ?? ''}>
            <input
              type="radio"
              className="radio"
              name={id}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              data-autofocus={autoFocus && option.value === value ? '' : undefined}
            />
            <span className="radio-label">{option.label}</span>
            {option.facts === undefined ? null : <span className="radio-facts">{option.facts}</span>}
          </label>
        ))}
      </div>
      {help ? (
        <div id={`${id}-help`} className="field-help">
          {help}
        </div>
      ) : null}
    </fieldset>
  );
}
