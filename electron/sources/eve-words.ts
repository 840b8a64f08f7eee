import type { Lane, Severity } from '../../shared/domain/alert.ts';
import type { Field, Settings } from '../../shared/domain/connection.ts';
import { laneMapField, laneReader, severityMap, severityMapField, severityReader } from './alert-words.ts';
import { checkSettings } from './settings-reader.ts';

const group = 'How alerts are read';

const priorityField: Field = {
  ...severityMapField,
  label: 'Severity by priority',
  help: 'Suricata’s priority of a signature, 1 the worst; classification.config may have more.',
  mapping: {
    ...severityMap(
      [
        { words: ['1'], meaning: 'high' },
        { words: ['2'], meaning: 'medium' },
        { words: ['3'], meaning: 'low' },
        { words: ['4'], meaning: 'informational' },
      ],
      'informational',
    ),
    wordLabel: 'Priority in Suricata',
  },
  group,
};

const actionField: Field = {
  ...laneMapField('Lane by action', 'Action in Suricata', [
    { words: ['allowed'], meaning: 'by-severity' },
    { words: ['blocked'], meaning: 'informational' },
  ]),
  group,
};

/** What Suricata's priorities and actions mean: fields of the source's form. */
export const eveWordFields: readonly Field[] = [priorityField, actionField];

/** How priorities and actions are read. */
export interface EveReading {
  /** null where nothing names the priority. */
  readonly severity: (priority: string) => Severity | null;
  readonly lane: (action: string, severity: Severity) => Lane;
}

/** @throws WatchfloorError `bad-input` naming the field */
export function eveReading(settings: Settings): EveReading {
  const checked = checkSettings(eveWordFields, settings);
  return { severity: severityReader(priorityField, checked), lane: laneReader(actionField, checked) };
}
