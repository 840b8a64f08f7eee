import { type Lane, type Severity, severities } from '../../shared/domain/alert.ts';
import type { Field, UnmappedWord } from '../../shared/domain/connection.ts';
import type { Entity, EntityKind } from '../../shared/domain/entity.ts';
import { parseNetwork } from '../../shared/domain/network.ts';
import { cutText } from '../../shared/domain/safe-text.ts';
import { normalWord, readWordMap, type WordMap, wordMapProblem } from '../../shared/domain/word-map.ts';
import { badSetting, type CheckedSettings } from './settings-reader.ts';

/** Words of one batch that are told. */
const mostUnmapped = 50;

const severityLabels: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  informational: 'Informational',
};

/** Words that monitoring systems use for a severity, lower case. */
const severityWords: Readonly<Record<Severity, readonly string[]>> = {
  critical: [
    'critical',
    'crit',
    'page',
    'emergency',
    'emerg',
    'disaster',
    'fatal',
    'p1',
    'sev1',
    'sev-1',
    '1',
  ],
  high: ['high', 'error', 'err', 'major', 'alert', 'p2', 'sev2', 'sev-2', '2'],
  medium: ['medium', 'warning', 'warn', 'average', 'minor', 'moderate', 'p3', 'sev3', 'sev-3', '3'],
  low: ['low', 'notice', 'ticket', 'p4', 'sev4', 'sev-4', '4'],
  informational: ['informational', 'information', 'info', 'none', 'ok', 'debug', 'p5', 'sev5', 'sev-5', '5'],
};

/** The field that says what a source's words mean as severities. */
export const severityMapField: Field = {
  key: 'severityMap',
  label: 'Severity words',
  help: 'Case does not count. A record without a severity is taken as a word that nothing names.',
  type: 'mapping',
  required: false,
  default: null,
  mapping: severityMap(
    severities.toReversed().map((severity) => ({ words: [...severityWords[severity]], meaning: severity })),
    'medium',
  ),
};

/** A mapping of words to severities. */
export function severityMap(defaults: WordMap['defaults'], otherwise: Severity): WordMap {
  return {
    wordLabel: 'Severity at the source',
    meaningLabel: 'Severity here',
    meanings: severities.toReversed().map((value) => ({ value, label: severityLabels[value] })),
    defaults,
    otherwise,
    isOpen: true,
  };
}

/**
 * The field that says which lane a state of a source means.
 * @param defaults the states in the order in which they are shown; `by-severity`: actionable from medium on
 */
export function laneMapField(label: string, wordLabel: string, defaults: WordMap['defaults']): Field {
  return {
    key: 'laneMap',
    label,
    help: 'By severity: actionable from medium on, else informational.',
    type: 'mapping',
    required: false,
    default: null,
    mapping: {
      wordLabel,
      meaningLabel: 'Lane here',
      meanings: [
        { value: 'by-severity', label: 'By severity' },
        { value: 'actionable', label: 'Actionable' },
        { value: 'informational', label: 'Informational' },
      ],
      defaults,
      otherwise: 'by-severity',
      isOpen: false,
    },
  };
}

/** States of monitoring systems: what is not firing, or is kept from calling there, calls nobody here either. */
export const stateLaneField: Field = laneMapField('Lane by state', 'State at the source', [
  { words: ['firing'], meaning: 'by-severity' },
  { words: ['silenced', 'inhibited'], meaning: 'informational' },
  { words: ['resolved'], meaning: 'informational' },
]);

/**
 * Reads words by the mapping of a field; gives what the word means, or null where nothing names it.
 * @throws WatchfloorError `bad-input` when a line of the setting is not understood
 */
export function wordReader(field: Field, checked: CheckedSettings): (word: string) => string | null {
  const { mapping } = field;
  if (mapping === undefined) throw new Error(`${field.key} is no mapping`);
  const text = checked.text(field.key);
  const problem = wordMapProblem(mapping, text);
  if (problem !== null) throw badSetting([field], field.key, problem);
  const meanings = readWordMap(mapping, text);
  return (word) => meanings.get(word) ?? meanings.get(normalWord(word)) ?? null;
}

/** What a word means as a severity; null where nothing names it. */
export function severityReader(field: Field, checked: CheckedSettings): (word: string) => Severity | null {
  const read = wordReader(field, checked);
  return (word) => {
    const meaning = read(word);
    return severities.find((severity) => severity === meaning) ?? null;
  };
}

/** The lane of a severity in a state; without a state it goes by severity. */
export function laneReader(
  field: Field,
  checked: CheckedSettings,
): (state: string | null, severity: Severity) => Lane {
  const read = wordReader(field, checked);
  return (state, severity) => {
    const meaning = state === null ? null : read(state);
    if (meaning === 'actionable' || meaning === 'informational') return meaning;
    return severity === 'informational' || severity === 'low' ? 'informational' : 'actionable';
  };
}

/** Words that nothing names, each once, by the field that could; no more than anybody maps. */
export class UnmappedWords {
  readonly #words = new Map<string, UnmappedWord>();

  add(key: string, word: string): void {
    if (this.#words.size < mostUnmapped) this.#words.set(`${key} ${word}`, { key, word: normalWord(word) });
  }

  list(): UnmappedWord[] {
    return [...this.#words.values()];
  }
}

/** An address in its canonical form, or null. */
export function canonicalAddress(text: string): string | null {
  if (text.includes('/') || text.length > 60) return null;
  const parsed = parseNetwork(text);
  return parsed.ok ? parsed.network.cidr.slice(0, parsed.network.cidr.indexOf('/')) : null;
}

/** Text that fits where it is shown: no NUL, at most so many characters, never half a sign. */
export function boundedText(text: string, most: number): string {
  return cutText(text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text, most).text;
}

/** An entity, or none when the value is empty; long values are cut. */
export function entityOf(kind: EntityKind, value: string, role: Entity['role']): readonly Entity[] {
  const text = boundedText(value.trim(), 2048);
  return text === '' ? [] : [{ kind, value: text, role }];
}

/** An address or host name with or without a port: the instance label's form. */
export function hostEntities(text: string, role: Entity['role']): readonly Entity[] {
  const plain = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && URL.canParse(text) ? new URL(text).host : text;
  const host = /^\[([^\]]+)\](?::\d+)?$/.exec(plain)?.[1] ?? plain.replace(/:\d+$/, '');
  const address = canonicalAddress(host);
  if (address !== null) return entityOf('ip', address, role);
  return /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})$/.test(host)
    ? entityOf('host', host.toLowerCase(), role)
    : [];
}

/** Entities without repetitions, at most `most`. */
export function distinctEntities(entities: readonly Entity[], most = 50): readonly Entity[] {
  // Lists are short: looking is faster than putting keys together.
  const distinct: Entity[] = [];
  for (const { kind, value, role } of entities) {
    if (distinct.length === most) break;
    const isThere = distinct.some((one) => one.value === value && one.kind === kind && one.role === role);
    if (!isThere) distinct.push({ kind, value, role });
  }
  return distinct;
}

/** `1 alert`, `2 alerts`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
