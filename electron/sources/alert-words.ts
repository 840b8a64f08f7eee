import { type Severity, severities } from '../../shared/domain/alert.ts';
import type { Field } from '../../shared/domain/connection.ts';
import type { Entity, EntityKind } from '../../shared/domain/entity.ts';
import { parseNetwork } from '../../shared/domain/network.ts';
import { cutText } from '../../shared/domain/safe-text.ts';
import { badSetting, type CheckedSettings } from './settings-reader.ts';

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

const severityByWord: ReadonlyMap<string, Severity> = new Map(
  severities.flatMap((severity) => severityWords[severity].map((word) => [word, severity] as const)),
);

/** The severity that a word means, or null when it is not known. */
function severityFromWord(word: string): Severity | null {
  return severityByWord.get(word.trim().toLowerCase()) ?? null;
}

/** The field in which words of one's own for severities are said, one a line. */
export const severityMapField: Field = {
  key: 'severityMap',
  label: 'Severity words',
  help: 'Words of your own, one a line: word = informational, low, medium, high or critical. Common words are known.',
  type: 'lines',
  required: false,
  default: null,
  placeholder: 'gold = high',
};

/**
 * What a word means as a severity, one's own words first.
 * @throws WatchfloorError `bad-input` when a line of the setting is not understood
 */
export function severityReader(checked: CheckedSettings): (word: string) => Severity | null {
  const own = new Map(
    checked.lines(severityMapField.key).map(({ number, text }) => {
      const [word = '', meaning = ''] = text.split('=').map((part) => part.trim().toLowerCase());
      const severity = severities.find((candidate) => candidate === meaning);
      if (word === '' || severity === undefined) {
        throw badSetting(
          [severityMapField],
          severityMapField.key,
          `line ${number}: write word = one of ${severities.join(', ')}.`,
        );
      }
      return [word, severity] as const;
    }),
  );
  return (word) => own.get(word.trim().toLowerCase()) ?? severityFromWord(word);
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
