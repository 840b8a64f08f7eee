import './query-bar.css';
import { type KeyboardEvent, type Ref, useEffect, useId, useMemo, useState } from 'react';
import { completeAlertQuery } from '../../shared/query/complete-query.ts';
import { parseAlertQuery } from '../../shared/query/parse-query.ts';
import { classNames, Icon, Kbd, useApp } from '../ui/index.ts';

export interface QueryBarProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** Enter, or Esc with nothing open: back to the list. */
  readonly onDone: () => void;
  readonly inputRef: Ref<HTMLInputElement>;
}

/** The queue's search: fields complete as they are typed, and what cannot be understood is said with its place. */
export function QueryBar({ value, onChange, onDone, inputRef }: QueryBarProps) {
  const listId = useId();
  const customers = useApp((state) => state.customers);
  const services = useApp((state) => state.services);
  const signals = useApp((state) => state.signals);
  const sources = useApp((state) => state.status?.sources);
  const analyst = useApp((state) => state.hello?.analyst?.name);
  const [caret, setCaret] = useState<number | null>(null);
  const [chosen, setChosen] = useState(-1);
  const [closed, setClosed] = useState(false);

  const completion = useMemo(
    () =>
      caret === null
        ? null
        : completeAlertQuery(value, caret, {
            customers: customers.map((customer) => customer.name),
            services: services.map((service) => service.name),
            sources: (sources ?? []).map((source) => source.name),
            signals: [...new Set(signals.map((signal) => signal.name))],
            assignees: analyst === undefined ? [] : [analyst],
          }),
    [value, caret, customers, services, sources, signals, analyst],
  );
  const problems = useMemo(() => parseAlertQuery(value).problems, [value]);
  const options = completion?.options ?? [];
  // Nothing typed yet offers the fields only on ArrowDown, so that the list is not in the way.
  const open =
    !closed &&
    caret !== null &&
    options.length > 0 &&
    (chosen >= 0 || completion?.from !== completion?.to || value !== '');
  const isComplete =
    options.length === 1 && options[0]?.insert === value.slice(completion?.from, completion?.to);
  const shown = open && !isComplete;

  useEffect(() => {
    if (chosen >= options.length) setChosen(-1);
  }, [chosen, options.length]);

  const take = (index: number, input: HTMLInputElement) => {
    const option = options[index];
    if (!option || !completion) return;
    const isField = option.insert.endsWith(':') || option.insert.endsWith('>');
    const insert = isField ? option.insert : `${option.insert} `;
    const next = `${value.slice(0, completion.from)}${insert}${value.slice(completion.to).replace(/^ /, '')}`;
    const nextCaret = completion.from + insert.length;
    onChange(next);
    setChosen(-1);
    setCaret(nextCaret);
    // The caret can only be placed once the new text is in the field.
    requestAnimationFrame(() => input.setSelectionRange(nextCaret, nextCaret));
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const input = event.currentTarget;
    if (event.key === 'ArrowDown' && options.length > 0) {
      setClosed(false);
      setChosen((before) => (before + 1) % options.length);
    } else if (event.key === 'ArrowUp' && options.length > 0) {
      setChosen((before) => (before <= 0 ? options.length - 1 : before - 1));
    } else if (event.key === 'Tab' && shown && !event.shiftKey && completion?.from !== completion?.to) {
      take(Math.max(0, chosen), input);
    } else if (event.key === 'Enter') {
      if (shown && chosen >= 0) take(chosen, input);
      else onDone();
    } else if (event.key === 'Escape') {
      if (shown) {
        setClosed(true);
        setChosen(-1);
      } else {
        onDone();
      }
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="query-bar">
      <div className={classNames('query-field', problems.length > 0 && 'has-problem')}>
        <Icon name="search" size={14} />
        <input
          ref={inputRef}
          type="text"
          className="query-input mono"
          role="combobox"
          aria-label="Search alerts"
          aria-expanded={shown}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={shown && chosen >= 0 ? `${listId}-${chosen}` : undefined}
          aria-invalid={problems.length > 0 || undefined}
          aria-describedby={problems.length > 0 ? `${listId}-problem` : undefined}
          placeholder="severity>=high customer:… ip:198.51.100.0/24 seen<1h"
          value={value}
          maxLength={2000}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setClosed(false);
            setChosen(-1);
            setCaret(event.target.selectionStart);
            onChange(event.target.value);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onBlur={() => {
            setCaret(null);
            setChosen(-1);
            setClosed(false);
          }}
          onKeyDown={onKeyDown}
        />
        {value === '' ? (
          <Kbd keys="/" />
        ) : (
          <button
            type="button"
            className="query-clear"
            aria-label="Clear the search"
            onClick={() => onChange('')}
          >
            <Icon name="close" size={12} />
          </button>
        )}
      </div>
      <div
        id={listId}
        role="listbox"
        aria-label="Completions"
        className={classNames('query-options', !shown && 'is-hidden')}
      >
        {shown
          ? options.map((option, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: keys act on the field, which holds the focus
              <div
                key={option.insert}
                id={`${listId}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === chosen}
                className="query-option"
                onMouseDown={(event) => event.preventDefault()}
                onClick={(event) => {
                  const input = event.currentTarget.closest('.query-bar')?.querySelector('input');
                  if (input) take(index, input);
                }}
              >
                <span className="mono">{option.label}</span>
                <span className="query-option-help">{option.help}</span>
              </div>
            ))
          : null}
      </div>
      {problems.length > 0 && caret === null ? (
        <p id={`${listId}-problem`} className="query-problem" role="status">
          {problems.map((problem) => (
            <span key={`${problem.position} ${problem.message}`}>
              At {problem.position + 1}: {problem.message}{' '}
            </span>
          ))}
          The rest of the search is applied.
        </p>
      ) : null}
    </div>
  );
}
