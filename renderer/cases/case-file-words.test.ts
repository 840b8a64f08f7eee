import { describe, expect, it } from 'vitest';
import { exportProblem, recipientsIn } from './case-file-export.tsx';
import { identitiesIn } from './case-file-secrets.tsx';
import {
  changeWords,
  exportedText,
  fingerprintGroups,
  newsOf,
  progressWords,
  withheldWords,
} from './case-file-words.ts';

const recipient = `age1${'q'.repeat(58)}`;
const draft = {
  path: '/home/ada/case.wfcase',
  sealing: 'none',
  recipients: '',
  passphrase: '',
  again: '',
} as const;

describe('what stands against an export', () => {
  it.each([
    ['nothing', {}, null],
    ['no place', { path: ' ' }, 'Say where the file goes.'],
    ['another ending', { path: '/home/ada/case.zip' }, 'The name of a case file ends with .wfcase.'],
    ['no recipient', { sealing: 'keys' }, 'Give at least one recipient.'],
    [
      'a wrong one',
      { sealing: 'keys', recipients: `${recipient}\nage1bob` },
      'age1bob is not an age recipient.',
    ],
    ['two recipients', { sealing: 'keys', recipients: `${recipient}\r\n${recipient}` }, null],
    ['no passphrase', { sealing: 'passphrase' }, 'Type a passphrase.'],
    [
      'two different ones',
      { sealing: 'passphrase', passphrase: 'a b c', again: 'a b' },
      'The two passphrases are not the same.',
    ],
    ['one twice', { sealing: 'passphrase', passphrase: 'a b c', again: 'a b c' }, null],
  ] as const)('%s', (_name, change, problem) => {
    expect(exportProblem({ ...draft, ...change })).toBe(problem);
  });

  it('takes recipients by line, space or comma', () => {
    expect(recipientsIn(' a\nb, c\r\n\n')).toEqual(['a', 'b', 'c']);
  });
});

it('reads identities from a key file without its comments', () => {
  expect(identitiesIn('# created: today\nAGE-SECRET-KEY-1A\r\n\n  AGE-SECRET-KEY-1B  ')).toEqual([
    'AGE-SECRET-KEY-1A',
    'AGE-SECRET-KEY-1B',
  ]);
});

it('says what kind of thing is withheld, also of kinds that it does not know', () => {
  expect([
    withheldWords([]),
    withheldWords([
      { kind: 'evidence-added', count: 1 },
      { kind: 'note-added', count: 2_000 },
      { kind: 'something-later', count: 2 },
      { kind: '', count: 1 },
    ]),
  ]).toEqual([
    '',
    '1 piece of evidence, 2,000 notes, 2 entries of the kind something-later and 1 entry of an older kind',
  ]);
});

it('says no more of a hostile list than can be read', () => {
  const many = Array.from({ length: 9_000 }, (_, index) => ({ kind: `kind-${index}`, count: 1 }));
  expect(withheldWords(many).endsWith('1 entry of the kind kind-39 and 8,960 other kinds')).toBe(true);
  expect(withheldWords([{ kind: 'a\u202eb', count: 1 }])).not.toContain('\u202e');
});

it('says what an import would change', () => {
  const of = { id: 'ca_1', title: 'A', isNew: false, newEntries: 0, newPayloads: 0 };
  expect([
    changeWords(of),
    changeWords({ ...of, newEntries: 1 }),
    changeWords({ ...of, newEntries: 12, newPayloads: 1 }),
    newsOf({ cases: [of, { ...of, newEntries: 2, newPayloads: 1 }] }),
  ]).toEqual([
    'nothing new',
    '1 new entry',
    '12 new entries and the words of 1 entry that were withheld here',
    { entries: 2, all: 3 },
  ]);
});

it('writes fingerprints, progress and a summary to send along', () => {
  expect([
    fingerprintGroups('0123456789ab'),
    progressWords({ done: 1_000_000, total: null }),
    progressWords({ done: 1_000_000, total: 48_000_000 }),
    progressWords({ done: 2_000_000, total: 1_000_000 }),
  ]).toEqual(['0123 4567 89ab', '1 MB', '1 MB of 48 MB', '2 MB of 2 MB']);
  expect(
    exportedText({
      path: '/home/ada/case.wfcase',
      sizeBytes: 512,
      manifestSha256: 'd'.repeat(64),
      exporter: { name: 'Ada', keyFingerprint: '4f1c' },
      counts: { entries: 3, alerts: 1, mitigations: 0, evidence: 0 },
      withheld: [{ kind: 'note-added', count: 1 }],
      missing: 2,
    }).split('\n'),
  ).toEqual([
    '/home/ada/case.wfcase',
    '512 bytes',
    `SHA-256 of the manifest: ${'d'.repeat(64)}`,
    'signed by Ada, key 4f1c',
    '3 entries, 1 alert, 0 mitigations, 0 pieces of evidence',
    'left out for the audience: 1 note',
    'not here and not in it: 2 pieces of evidence or snapshots',
  ]);
});
