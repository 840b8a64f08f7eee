import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../shared/case-file/manifest.ts';
import { toErrorData } from '../../../shared/domain/result.ts';
import { openRaw } from '../../db/testing.ts';
import { type Desk, evidence, note, openDesk, opening, verify } from './testing/desks.ts';
import { container, forgedCase, membersOf, resigned } from './testing/forge.ts';

let [ada, bob]: Desk[] = [];
let id = '';
let file: Buffer;

beforeAll(async () => {
  ada = openDesk('Ada');
  bob = openDesk('Bob');
  ({ id } = ada.store.cases.open(ada.writer, [opening, note('n1')]));
  ada.store.cases.append(id, ada.writer, [evidence(ada, 'capture.pcap', Buffer.alloc(50_000, 'packet'))]);
  file = await ada.export(id);
  bob.store.cases.open(bob.writer, [{ ...opening, title: "Bob's own" }]);
});
afterAll(() => {
  ada?.close();
  bob?.close();
});

/** Everything that is kept of cases, row for row. */
function kept({ folder }: Desk): unknown {
  const raw = openRaw(join(folder, 'watchfloor.db'));
  const tables = ['case_entry', 'case_entry_payload', 'case_signature', 'case_snapshot', 'case_summary'];
  const rows = [...tables, 'foreign_writer', 'workstation', 'arrival', 'evidence', 'audit'].map((table) =>
    raw.prepare(`SELECT * FROM ${table}`).all(),
  );
  raw.close();
  const files = readdirSync(folder, { recursive: true }).filter((name) =>
    /evidence|unfinished\//.test(String(name)),
  );
  return { rows, files };
}

const text = (value: unknown) => JSON.stringify(value);
const records = (change: (records: Map<string, Buffer>) => void, amend?: (manifest: Manifest) => Manifest) =>
  resigned(
    file,
    (members) => {
      const changed = new Map(members);
      change(changed);
      return changed;
    },
    amend,
  );
/** The file with a member's text changed, everything around it made to fit. */
const edited = (path: string, edit: (before: string) => string) =>
  records((members) => members.set(path, Buffer.from(edit(members.get(path)?.toString() ?? ''))));
/** The file with some bytes changed and nothing made to fit. */
const patched = (edit: (bytes: Buffer) => Buffer | undefined) => {
  const bytes = Buffer.from(file);
  return edit(bytes) ?? bytes;
};
const renamed = (path: string, to: string) =>
  container(membersOf(file).map((member) => (member.path === path ? { ...member, path: to } : member)));
const withFiles = (edit: (files: Manifest['files']) => Manifest['files']) =>
  records(
    () => undefined,
    (manifest) => ({ ...manifest, files: edit(manifest.files) }),
  );
const evidenceMember = () => membersOf(file).find(({ path }) => path.startsWith('evidence/'))?.path ?? '';
const centralDirectory = () => file.lastIndexOf(Buffer.from('504b0102', 'hex'));
const opened = text(opening);
const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const hostile: readonly (readonly [name: string, make: () => Buffer, problem: string])[] = [
  ['nothing at all', () => Buffer.alloc(0), 'The file ends within the header of manifest.json.'],
  [
    'something else',
    () => Buffer.from('not a case file, but long enough to be read as a header'),
    'What stands here is not the header',
  ],
  [
    'a path out of the folder',
    () =>
      withFiles((files) =>
        files.map((each) => ({ ...each, path: each.path.replace('evidence/', '../../') })),
      ),
    'does not list the members',
  ],
  [
    'a member under another path',
    () => renamed(evidenceMember(), '../../../../etc/cron.d/x'),
    'What stands here is not the header',
  ],
  [
    'an absolute path',
    () => withFiles((files) => [...files, { path: '/etc/passwd', sha256: 'a'.repeat(64), sizeBytes: 0 }]),
    'does not list the members',
  ],
  [
    'the same member twice',
    () => withFiles((files) => [...files, ...files.slice(-1)]),
    'does not list the members',
  ],
  [
    'members in another order',
    () => withFiles(([first, second, ...rest]) => [second, first, ...rest].flatMap((each) => each ?? [])),
    'does not list the members',
  ],
  [
    'a deflated member',
    () =>
      patched((bytes) => {
        bytes.writeUInt16LE(8, 8);
      }),
    'What stands here is not the header',
  ],
  [
    'a link',
    () =>
      patched((bytes) => {
        bytes.writeUInt32LE(0xa1ff0000, centralDirectory() + 38);
      }),
    'not the directory of all members',
  ],
  [
    'a comment',
    () =>
      patched((bytes) => {
        bytes.writeUInt16LE(3, bytes.length - 2);
        return Buffer.concat([bytes, Buffer.from('hey')]);
      }),
    'not the end of the directory',
  ],
  ['more after the end', () => Buffer.concat([file, Buffer.from([0])]), 'more after the end'],
  [
    'something before the start',
    () => Buffer.concat([Buffer.from('#!/bin/sh\n'), file]),
    'What stands here is not the header',
  ],
  [
    'a member that is said to be enormous',
    () =>
      withFiles((files) =>
        files.map((each) => (each.path.startsWith('evidence/') ? { ...each, sizeBytes: 2 ** 50 } : each)),
      ),
    'What stands here is not the header',
  ],
  [
    'a manifest that is said to be enormous',
    () =>
      patched((bytes) => {
        bytes.writeUInt32LE(0xf0000000, 18);
        bytes.writeUInt32LE(0xf0000000, 22);
      }),
    'larger than it may be',
  ],
  [
    'a count that is enormous',
    () =>
      records(
        () => undefined,
        (manifest) => ({ ...manifest, entries: 2 ** 53 - 1 }),
      ),
    'the entries that the manifest counts',
  ],
  [
    'a later version',
    () =>
      records(
        () => undefined,
        (manifest) => ({ ...manifest, version: 2 as 1 }),
      ),
    'A newer Watchfloor',
  ],
  [
    'a manifest of something else',
    () =>
      records(
        () => undefined,
        (manifest) => ({ ...manifest, format: 'other' as 'watchfloor-case' }),
      ),
    'manifest.json is none',
  ],
  [
    'an entry less',
    () => edited('entries.jsonl', (lines) => lines.split('\n').slice(1).join('\n')),
    'The entry before it is missing.',
  ],
  [
    'the last entry less',
    () => edited('entries.jsonl', (lines) => `${lines.trim().split('\n').slice(0, -1).join('\n')}\n`),
    'No entry speaks of it',
  ],
  [
    'entries in another order',
    () => edited('entries.jsonl', (lines) => `${lines.trim().split('\n').reverse().join('\n')}\n`),
    'out of order',
  ],
  [
    'an entry twice',
    () => edited('entries.jsonl', (lines) => lines.replace(/^(.*\n)/, '$1$1')),
    'out of order',
  ],
  [
    'another author',
    () => edited('entries.jsonl', (lines) => lines.replaceAll('"writerName":"Ada"', '"writerName":"Eve"')),
    'does not match its hash',
  ],
  [
    'another time',
    () => edited('entries.jsonl', (lines) => lines.replace(/"timeMs":\d+/, '"timeMs":7')),
    'does not match its hash',
  ],
  [
    'other words',
    () => edited('entries.jsonl', (lines) => lines.replace('Note n1', 'Note n2')),
    'Its payload was changed',
  ],
  [
    'a signature of somebody else',
    () =>
      edited('entries.jsonl', (lines) =>
        lines.replace(/"signature":"[^"]{20}/, `"signature":"${'A'.repeat(20)}`),
      ),
    'Its signature is not valid',
  ],
  [
    'no signature',
    () => edited('entries.jsonl', (lines) => lines.replaceAll(/"signature":"[^"]+"/g, '"signature":null')),
    'no valid signature of its writer',
  ],
  [
    'a key of somebody else',
    () =>
      edited('writers.jsonl', (lines) =>
        lines.replace(/"publicKey":"[^"]+"/, `"publicKey":"${Buffer.alloc(32, 5).toString('base64')}"`),
      ),
    'not that of the key',
  ],
  ['no writers', () => edited('writers.jsonl', () => ''), 'no key of its writer'],
  [
    'a writer who wrote nothing',
    () =>
      edited('writers.jsonl', (lines) => `${lines}${lines.replace(/"writerId":"[^"]+"/, '"writerId":"zz"')}`),
    'wrote nothing here',
  ],
  [
    'spaces in a line',
    () => edited('entries.jsonl', (lines) => lines.replace('{"version":2,', '{"version": 2,')),
    'not written as an entry is',
  ],
  [
    'a member more in a line',
    () => edited('entries.jsonl', (lines) => lines.replace('"schema":1', '"extra":1,"schema":1')),
    'not written as an entry is',
  ],
  [
    'a payload twice in a line',
    () => edited('entries.jsonl', (lines) => lines.replace(/\}\n/, ',"payload":{}}\n')),
    'It is not JSON',
  ],
  ['a line without its end', () => edited('entries.jsonl', (lines) => lines.trimEnd()), 'has no end'],
  [
    'a line that is not JSON',
    () => edited('entries.jsonl', (lines) => `${lines}{"version":2,,"payload":5}\n`),
    'not written as an entry is',
  ],
  [
    'a payload that is not JSON',
    () => edited('entries.jsonl', (lines) => lines.replace('"payload":{', '"payload":{,')),
    'It is not JSON',
  ],
  [
    'a line that never ends',
    () => edited('entries.jsonl', (lines) => `${lines}${'a'.repeat(17_000_000)}\n`),
    'longer than it may be',
  ],
  [
    'bytes that are no text',
    () =>
      records((members) =>
        members.set(
          'entries.jsonl',
          Buffer.concat([members.get('entries.jsonl') ?? Buffer.alloc(0), Buffer.from([0xff, 0xfe, 10])]),
        ),
      ),
    'not UTF-8',
  ],
  [
    'JSON that is nested too deeply',
    () => forgedCase(file, [opened, `{"kind":"note-sung","a":${deep(40)}}`]),
    'nested too deeply',
  ],
  [
    'JSON that is nested without end',
    () => forgedCase(file, [opened, `{"kind":"note-sung","a":${deep(400_000)}}`]),
    'nested too deeply',
  ],
  [
    'the key of an object’s nature',
    () =>
      forgedCase(file, [
        opened,
        '{"kind":"note-added","noteId":"n","markdown":"","__proto__":{"isAdmin":true}}',
      ]),
    '__proto__',
  ],
  [
    'the same key, written another way',
    () => forgedCase(file, [opened, '{"kind":"note-sung","a":[{"\\u005f_proto__":1}]}']),
    '__proto__',
  ],
  [
    'a constructor',
    () => forgedCase(file, [opened, '{"kind":"note-sung","constructor":{"prototype":1}}']),
    'constructor',
  ],
  [
    'a payload that is not what its kind says',
    () => forgedCase(file, [opened, '{"kind":"note-added","noteId":5}']),
    'not what its kind says',
  ],
  ['a payload of another kind', () => forgedCase(file, [opened], { kind: 'note-added' }), 'of another kind'],
  [
    'an id that could be a path',
    () => forgedCase(file, [opened], { id: '../ with space' }),
    'not written as an entry is',
  ],
  [
    'a chain that follows itself',
    () => forgedCase(file, [opened, text(note('x'))], { previousHash: 'f'.repeat(64) }),
    'missing',
  ],
  ['the same id twice', () => forgedCase(file, [opened, text(note('x'))], { id: 'en_same' }), 'the same id'],
  [
    'a case that the manifest does not name',
    () => forgedCase(file, [opened], { caseId: 'ca_other' }),
    'not in this file',
  ],
  [
    'a clock of the year 9999',
    () => forgedCase(file, [opened], { clock: '253370764800000:000000' }),
    '31 days ahead',
  ],
  [
    'the id of an entry that is here',
    () =>
      forgedCase(file, [opened], {
        id: bob?.store.cases.list({ status: null, text: '' })[0]
          ? (bob.store.cases.entries(bob.store.cases.list({ status: null, text: '' })[0]?.id ?? '')[0]?.id ??
            '')
          : '',
      }),
    'has the id of one that is here',
  ],
  [
    'a writer who is here, with another key',
    () => forgedCase(file, [opened], { writerId: bob?.writer.id ?? '' }),
    'pose as them',
  ],
  [
    'evidence of which nobody speaks',
    () =>
      records(
        (members) => members.set(`evidence/${'f'.repeat(64)}`, Buffer.alloc(5)),
        (manifest) => ({
          ...manifest,
          files: manifest.files.map((each) =>
            each.path.endsWith('fff') ? { ...each, sha256: 'f'.repeat(64) } : each,
          ),
        }),
      ),
    'No entry speaks of it',
  ],
  [
    'evidence with other bytes',
    () => {
      const at = file.indexOf('packetpacket');
      return patched((bytes) => {
        bytes[at] = 0;
      });
    },
    'do not have the SHA-256',
  ],
  [
    'evidence that is not there',
    () =>
      records((members) => {
        members.delete(evidenceMember());
      }),
    'neither there nor said to be missing',
  ],
  [
    'evidence that is there and said to be missing',
    () =>
      records(
        () => undefined,
        (manifest) => ({ ...manifest, missing: [evidenceMember().slice(9)] }),
      ),
    'both there and said to be missing',
  ],
  [
    'a snapshot of which nobody speaks',
    () => edited('alerts.jsonl', () => '{"subject":"alert"}\n'),
    'No entry speaks of it',
  ],
  [
    'something withheld that is there',
    () =>
      records(
        () => undefined,
        (manifest) => ({ ...manifest, withheld: [{ kind: 'note-added', count: 1 }] }),
      ),
    'what is withheld',
  ],
  [
    'a signature block of another manifest',
    () => {
      const other = membersOf(forgedCase(file, [opened])).at(-1);
      return container([...membersOf(file).slice(0, -1), ...(other ? [other] : [])]);
    },
    'of another manifest',
  ],
];

describe('a hostile file', () => {
  it.each(hostile)('with %s is refused with its reason and changes nothing', async (_name, make, problem) => {
    if (!bob) throw new Error('a desk');
    const bytes = make();
    const before = kept(bob);
    const report = await verify(bytes);
    const thrown = await bob.import(bytes).then(
      () => null,
      (error: unknown) => toErrorData(error),
    );
    expect(thrown).toMatchObject({ code: 'refused' });
    const said = `${thrown?.message}\n${thrown?.details}\n${report.problems.map(({ sentence }) => sentence).join('\n')}`;
    expect(said).toContain(problem);
    expect(kept(bob)).toEqual(before);
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
  });

  it('that ends anywhere changes nothing', async () => {
    if (!bob) throw new Error('a desk');
    const before = kept(bob);
    for (let length = 0; length < file.length; length += 997) {
      const cut = file.subarray(0, length);
      expect((await verify(cut)).problemCount, `${length}`).toBeGreaterThan(0);
      await expect(bob.import(cut)).rejects.toMatchObject({ code: 'refused' });
    }
    expect(kept(bob)).toEqual(before);
  });

  it('may merge cases in a circle, which is two people at once and no harm', async () => {
    if (!bob) throw new Error('a desk');
    const merge = (otherCaseId: string) => text({ kind: 'case-merged', otherCaseId, reason: '' });
    const circle = forgedCase(file, [opened, merge('ca_forged'), merge('ca_elsewhere')]);
    await bob.import(circle);
    expect(bob.store.cases.get('ca_forged')?.mergedCases).toEqual(['ca_elsewhere']);
  });
});
