import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { manifestSchema } from '../../../shared/case-file/manifest.ts';
import { takenDetails } from '../../../shared/case-file/report.ts';
import type { EntryPayload } from '../../../shared/domain/case.ts';
import {
  canonicalJson,
  chainStart,
  commitmentOf,
  entryHash,
  formatClock,
  signedText,
} from '../../../shared/domain/entry-chain.ts';
import type { Mitigation } from '../../../shared/domain/mitigation.ts';
import { sha256Hex } from '../../db/ids.ts';
import { occurrence, openRaw, startMs, testSource } from '../../db/testing.ts';
import {
  context,
  type Desk,
  evidence,
  noSecrets,
  note,
  openDesk,
  opening,
  verify,
  withoutSignature,
} from './testing/desks.ts';
import { forgedCase, membersOf, resigned } from './testing/forge.ts';

const desks: Desk[] = [];
function desk(name: string, clock = { nowMs: startMs }): Desk {
  const opened = openDesk(name, clock);
  desks.push(opened);
  return opened;
}
afterEach(() => {
  for (const each of desks.splice(0)) each.close();
});

const digest = ({ store }: Desk, caseId: string) => store.cases.digest(caseId);

function caseWithEverything(ada: Desk): string {
  ada.store.alerts.ingest(testSource, [occurrence({ raw: '{"event":1}' })], startMs);
  const [alert] = ada.store.alerts.each();
  if (alert === undefined) throw new Error('an alert');
  const { id } = ada.store.cases.open(ada.writer, [
    opening,
    {
      kind: 'alert-linked',
      alertId: alert.id,
      title: alert.title,
      why: alert.why,
      severity: alert.severity,
      firstSeenMs: alert.firstSeenMs,
      lastSeenMs: alert.lastSeenMs,
      count: alert.count,
    },
    note('n1'),
  ]);
  ada.store.cases.append(id, ada.writer, [evidence(ada, 'capture.pcap', Buffer.alloc(3_000_000, 'packet'))]);
  return id;
}

function proposedMitigation({ store, writer }: Desk): Mitigation {
  const customer = store.customers.findOrCreateByName('Acme');
  const plan = store.plans.save({
    id: null,
    customerId: customer.id,
    name: 'Agreed with Acme',
    targetId: 'target-1',
    agreedBy: 'Grace',
    maxTtlMs: 3_600_000,
    defaultTtlMs: 600_000,
    widestPrefixV4: 24,
    widestPrefixV6: 48,
    maxEntriesPerHour: 10,
    samePersonMayApprove: false,
    loopbackAllowed: false,
    allowList: [],
  });
  const mitigation = store.mitigations.propose(
    {
      planId: plan.id,
      planName: plan.name,
      planHash: plan.hash,
      customerId: customer.id,
      targetId: plan.targetId,
      targetName: 'edge',
      caseId: null,
      alertId: null,
      action: 'block',
      entries: ['198.51.100.7/32'],
      ttlMs: 600_000,
      reason: 'Flood',
      sentence: 'Block one address.',
      guards: [],
      preview: null,
      proposedBy: writer.name,
      proposedMs: startMs,
      approvedBy: null,
      approvedMs: null,
      approvalReason: null,
      appliedMs: null,
      verifiedMs: null,
      expiresMs: null,
      endedMs: null,
      endedHow: null,
      simulated: false,
    },
    writer.name,
  );
  const details = { mitigationId: mitigation.id };
  store.audit.append(writer, { action: 'mitigation.proposed', sentence: 'Proposed by Ada.', details });
  return mitigation;
}

/** Writes entries as the first version of the log did, behind the store's back. */
function writeFirstVersion({ folder, writer }: Desk, caseId: string, said: readonly EntryPayload[]): void {
  const raw = openRaw(join(folder, 'watchfloor.db'));
  let previousHash = chainStart;
  for (const [sequence, payload] of said.entries()) {
    const text = canonicalJson(payload);
    const salt = '5'.repeat(32);
    const header = {
      version: 1,
      id: `en_old${sequence}`,
      caseId,
      writerId: writer.id,
      writerName: writer.name,
      keyFingerprint: null,
      sequence,
      clock: formatClock(startMs, sequence),
      timeMs: startMs,
      previousHash,
      kind: '',
      schema: 1,
      tlp: null,
      replaces: [],
      commitment: commitmentOf(text, salt, sha256Hex),
    } as const;
    const hash = entryHash(header, sha256Hex);
    raw
      .prepare(
        `INSERT INTO case_entry (id, case_id, writer_id, writer_name, sequence, clock, time_ms, previous_hash,
           commitment, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        header.id,
        caseId,
        writer.id,
        writer.name,
        sequence,
        header.clock,
        startMs,
        previousHash,
        header.commitment,
        hash,
      );
    raw
      .prepare('INSERT INTO case_entry_payload (entry_id, salt, payload) VALUES (?, ?, ?)')
      .run(header.id, salt, text);
    previousHash = hash;
  }
  raw
    .prepare('INSERT INTO case_signature (hash, case_id, writer_id, signature) VALUES (?, ?, ?, ?)')
    .run(previousHash, caseId, writer.id, writer.sign(Buffer.from(signedText('entry', previousHash))));
  raw.close();
}

describe('a case file', () => {
  it('brings a case whole into an empty store, which exports the same bytes but for its signature', async () => {
    const [ada, bob] = [desk('Ada'), desk('Bob')];
    const id = caseWithEverything(ada);
    const file = await ada.export(id);
    expect(await verify(file)).toMatchObject({
      problems: [],
      signature: { exporter: { name: 'Ada' } },
      counts: { cases: 1, entries: 5, chains: 1, alerts: 1, evidence: 1, evidenceBytes: 3_000_000 },
    });
    // The same state again: the same bytes.
    expect((await ada.export(id)).equals(file)).toBe(true);
    expect(await bob.import(file)).toMatchObject({
      exporter: { name: 'Ada', isKnown: false },
      cases: [{ id, title: 'HTTP flood on /login', isNew: true, newEntries: 5 }],
    });
    expect(digest(bob, id)).toEqual(digest(ada, id));
    expect(bob.store.cases.verify(id)).toEqual({ ok: true, sentence: 'All 5 entries in 1 chain verify.' });
    expect(bob.store.cases.get(id)).toEqual(ada.store.cases.get(id));
    const [first] = bob.store.cases.get(id)?.evidence ?? [];
    expect(bob.store.evidence.read(first?.sha256 ?? '')?.verified).toBe(true);
    // Importing never changes the queue.
    expect([...bob.store.alerts.each()]).toEqual([]);
    const [snapshot] = bob.store.cases.get(id)?.snapshots ?? [];
    expect(JSON.parse(bob.store.cases.snapshot(snapshot?.sha256 ?? '') ?? '')).toMatchObject({
      subject: 'alert',
      occurrences: [{ raw: '{"event":1}' }],
    });
    const again = await bob.export(id);
    expect(withoutSignature(again).equals(withoutSignature(file))).toBe(true);
    expect(again.equals(file)).toBe(false);
    expect(await verify(again)).toMatchObject({ problems: [], signature: { exporter: { name: 'Bob' } } });
  });

  it('merges by union, in any order and any number of times', async () => {
    const [ada, bob] = [desk('Ada'), desk('Bob')];
    const { id } = ada.store.cases.open(ada.writer, [opening]);
    await bob.import(await ada.export(id));
    ada.store.cases.append(id, ada.writer, [{ kind: 'header-changed', title: 'By Ada' }]);
    bob.store.cases.append(id, bob.writer, [{ kind: 'header-changed', title: 'By Bob' }, note('n1')]);
    const [fromAda, fromBob] = [await ada.export(id), await bob.export(id)];
    await ada.import(fromBob);
    await ada.import(fromBob);
    expect(await bob.import(fromAda)).toMatchObject({ cases: [{ isNew: false, newEntries: 1 }] });
    expect(await bob.import(fromAda)).toMatchObject({ cases: [{ isNew: false, newEntries: 0 }] });
    expect(digest(bob, id)).toEqual(digest(ada, id));
    expect(ada.store.cases.get(id)?.conflicts).toMatchObject([{ field: 'title', values: [{}, {}] }]);
    ada.store.cases.append(id, ada.writer, [{ kind: 'header-changed', title: 'Agreed' }]);
    await bob.import(await ada.export(id));
    expect(bob.store.cases.get(id)).toMatchObject({ title: 'Agreed', conflicts: [] });
    expect(bob.store.audit.list(10).map(({ action }) => action)).toEqual([
      'case.imported',
      'case.imported',
      'case.exported',
      'case.imported',
    ]);
  });

  it('leads to conflicts that the list of cases counts, of notes too, until they are settled', async () => {
    const [ada, bob] = [desk('Ada'), desk('Bob')];
    const { id } = ada.store.cases.open(ada.writer, [opening, note('n1')]);
    await bob.import(await ada.export(id));
    const counts = () =>
      [ada, bob].map(({ store }) => store.cases.list({ status: null, text: '' })[0]?.conflictCount);
    for (const [{ store, writer }, severity] of [
      [ada, 'critical'],
      [bob, 'low'],
    ] as const) {
      store.cases.append(id, writer, [
        { kind: 'header-changed', severity },
        { kind: 'note-revised', noteId: 'n1', markdown: `As ${writer.name} saw it` },
      ]);
    }
    expect(counts()).toEqual([0, 0]);
    await ada.import(await bob.export(id));
    await bob.import(await ada.export(id));
    expect(counts()).toEqual([2, 2]);
    ada.store.cases.append(id, ada.writer, [
      { kind: 'note-revised', noteId: 'n1', markdown: 'As both saw it' },
      { kind: 'header-changed', severity: 'critical' },
    ]);
    await bob.import(await ada.export(id));
    expect(counts()).toEqual([0, 0]);
  });

  it('brings merged cases with it, and what takes the merge back', async () => {
    const [ada, bob] = [desk('Ada'), desk('Bob')];
    const { id } = ada.store.cases.open(ada.writer, [opening]);
    const other = ada.store.cases.open(ada.writer, [{ ...opening, title: 'Other' }, note('n2')]).id;
    const merged = ada.store.cases.append(id, ada.writer, [
      { kind: 'case-merged', otherCaseId: other, reason: 'one attack' },
    ]);
    expect(merged).toMatchObject({ mergedCases: [other], notes: [{ id: 'n2' }] });
    await bob.import(await ada.export(id));
    expect(digest(bob, id)).toEqual(digest(ada, id));
    // What is written to the other case from now on counts in this one too.
    bob.store.cases.append(other, bob.writer, [note('n3')]);
    expect(bob.store.cases.get(id)?.notes.map((one) => one.id)).toEqual(['n2', 'n3']);
    const merge = merged.timeline.find(({ kind }) => kind === 'case-merged');
    bob.store.cases.append(id, bob.writer, [
      { kind: 'entry-withdrawn', entryId: merge?.id ?? '', reason: 'two attacks' },
    ]);
    expect(bob.store.cases.get(id)).toMatchObject({ mergedCases: [], notes: [] });
    await ada.import(await bob.export(id));
    expect(ada.store.cases.get(id)).toEqual(bob.store.cases.get(id));
  });

  it('leaves out what its audience may not see, says what, and still verifies', async () => {
    const [ada, bob] = [desk('Ada'), desk('Bob')];
    const id = caseWithEverything(ada);
    ada.store.cases.append(id, ada.writer, [note('n2', 'For all')], 'TLP:GREEN');
    ada.store.cases.append(id, ada.writer, [note('n3', 'secret')], 'TLP:RED');
    const whole = await ada.export(id);
    const file = await ada.export(id, 'TLP:GREEN');
    const report = await verify(file);
    expect(report).toMatchObject({
      problems: [],
      counts: { entries: 7, withheld: 6, alerts: 0, evidence: 0 },
      manifest: {
        audience: 'TLP:GREEN',
        withheld: [
          { kind: 'alert-linked', count: 1 },
          { kind: 'case-opened', count: 1 },
          { kind: 'evidence-added', count: 1 },
          { kind: 'note-added', count: 2 },
          { kind: 'snapshots-taken', count: 1 },
        ],
      },
    });
    for (const secret of ['secret', 'HTTP flood', 'capture.pcap', 'packet', '198.51.100.7']) {
      expect(file.includes(secret), secret).toBe(false);
    }
    await bob.import(file);
    expect(bob.store.cases.get(id)).toMatchObject({
      tlp: 'TLP:RED',
      withheld: 6,
      notes: [{ markdown: 'For all' }],
    });
    expect(digest(bob, id).entries).toBe(digest(ada, id).entries);
    // Exported again as it is here, it says so too.
    expect((await verify(await bob.export(id))).manifest?.withheld).toEqual(report.manifest?.withheld);
    // The whole file brings what was left out.
    expect(await bob.import(whole)).toMatchObject({ cases: [{ newEntries: 0, newPayloads: 6 }] });
    expect(digest(bob, id)).toEqual(digest(ada, id));
  });

  it('leaves out what is about an observable that is marked more strictly, also when it was removed', async () => {
    const ada = desk('Ada');
    const added = (observableId: string, value: string) =>
      ({ kind: 'observable-added', observableId, entityKind: 'host', value, from: 'analyst' }) as const;
    const { id } = ada.store.cases.open(ada.writer, [
      { ...opening, tlp: 'TLP:GREEN' },
      added('o1', 'informant.example'),
      added('o2', 'informant.example'),
      added('o3', 'open.example'),
      added('o4', 'gone.example'),
      { kind: 'observable-assessed', observableId: 'o1', tlp: 'TLP:AMBER', verdict: 'benign' },
      { kind: 'observable-tagged', observableId: 'o2', tag: 'tipped-off' },
      { kind: 'observable-assessed', observableId: 'o3', tlp: 'TLP:RED' },
      { kind: 'observable-assessed', observableId: 'o3', tlp: 'TLP:CLEAR', verdict: 'malicious' },
      { kind: 'observable-assessed', observableId: 'o4', tlp: 'TLP:RED' },
      { kind: 'observable-removed', observableId: 'o4', reason: 'went away' },
    ]);
    const file = await ada.export(id, 'TLP:GREEN');
    expect(await verify(file)).toMatchObject({
      problems: [],
      manifest: {
        withheld: [
          { kind: 'observable-added', count: 3 },
          { kind: 'observable-assessed', count: 2 },
          { kind: 'observable-removed', count: 1 },
          { kind: 'observable-tagged', count: 1 },
        ],
      },
    });
    for (const secret of ['informant', 'gone.example', 'tipped-off', 'went away']) {
      expect(file.includes(secret), secret).toBe(false);
    }
    expect(file.includes('open.example')).toBe(true);
    expect((await ada.export(id)).includes('informant')).toBe(true);
  });

  it('brings a mitigation with its ledger, its plan and its rows of the audit log', async () => {
    const [ada, bob] = [desk('Ada'), desk('Bob')];
    const mitigation = proposedMitigation(ada);
    ada.store.audit.append(ada.writer, { action: 'case.opened', sentence: 'Of something else.' });
    const { id } = ada.store.cases.open(ada.writer, [
      opening,
      {
        kind: 'mitigation-noted',
        mitigationId: mitigation.id,
        state: 'proposed',
        sentence: mitigation.sentence,
        entries: mitigation.entries,
        targetName: mitigation.targetName,
      },
    ]);
    const file = await ada.export(id);
    expect(await verify(file)).toMatchObject({ problems: [], counts: { mitigations: 1 } });
    await bob.import(file);
    const [snapshot] = bob.store.cases.get(id)?.snapshots ?? [];
    const text = bob.store.cases.snapshot(snapshot?.sha256 ?? '') ?? '';
    expect(JSON.parse(text)).toMatchObject({
      subject: 'mitigation',
      mitigation: { id: mitigation.id },
      ledger: [{ state: 'proposed', actor: 'Ada' }],
      plan: { name: 'Agreed with Acme', agreedBy: 'Grace' },
      audit: [{ action: 'mitigation.proposed', actor: 'Ada' }],
    });
    expect(bob.store.mitigations.list()).toEqual([]);
    // A row of the audit log that somebody rewrote does not verify, whoever signs the file.
    const lie = (line: Buffer) => Buffer.from(line.toString().replace('Proposed by Ada', 'Proposed by Bob'));
    const forged = resigned(
      file,
      (members) =>
        new Map(
          [...members].map(([path, bytes]) => [path, path === 'mitigations.jsonl' ? lie(bytes) : bytes]),
        ),
    );
    expect((await verify(forged)).problems.map(({ sentence }) => sentence)).toContain(
      'Row 0 of the audit log of Ada does not verify.',
    );
  });

  it('brings entries from before headers said their kind as they are', async () => {
    const [ada, bob] = [desk('Ada'), desk('Bob')];
    const said = [opening, note('n1', 'Of the first version')];
    writeFirstVersion(ada, 'ca_old', said);
    expect(ada.store.cases.verify('ca_old')).toMatchObject({ ok: true });
    ada.store.cases.append('ca_old', ada.writer, [
      { kind: 'note-revised', noteId: 'n1', markdown: 'Of the second' },
    ]);
    const file = await ada.export('ca_old');
    expect(await verify(file)).toMatchObject({ problems: [], counts: { entries: 3, chains: 1 } });
    await bob.import(file);
    expect(bob.store.cases.get('ca_old')).toEqual(ada.store.cases.get('ca_old'));
    expect(bob.store.cases.get('ca_old')).toMatchObject({
      title: opening.title,
      notes: [{ markdown: 'Of the second' }],
      conflicts: [],
    });
    expect(withoutSignature(await bob.export('ca_old')).equals(withoutSignature(file))).toBe(true);
    const withheld = await ada.export('ca_old', 'TLP:CLEAR');
    expect(await verify(withheld)).toMatchObject({ problems: [], counts: { withheld: 3 } });
  });

  it('opens encrypted, to a recipient or behind a passphrase', async () => {
    const [ada, bob] = [desk('Ada'), desk('Bob')];
    const { id } = ada.store.cases.open(ada.writer, [opening]);
    const path = join(ada.folder, 'sealed.wfcase');
    const encryption = { passphrase: 'correct horse' };
    await ada.caseFiles.export({ caseId: id, path, encryption, audience: null }, ada.writer, context);
    expect(readFileSync(path).includes('HTTP flood')).toBe(false);
    await expect(bob.caseFiles.preview(path, noSecrets, context)).rejects.toThrow(
      'encrypted with a passphrase',
    );
    const secrets = { ...noSecrets, passphrase: 'correct horse' };
    const preview = await bob.caseFiles.preview(path, secrets, context);
    expect(preview).toMatchObject({
      isEncrypted: true,
      problemCount: 0,
      cases: [{ isNew: true, newEntries: 1 }],
    });
    expect(bob.store.cases.get(id)).toBeNull();
    const other = { path, secrets, expectedSha256: '0'.repeat(64) };
    await expect(bob.caseFiles.import(other, bob.writer, context)).rejects.toThrow(
      'not the one that was shown',
    );
    await bob.caseFiles.import({ path, secrets, expectedSha256: preview.sha256 }, bob.writer, context);
    expect(digest(bob, id)).toEqual(digest(ada, id));
  });

  it('passes on what only a later version understands', async () => {
    const [ada, bob] = [desk('Ada'), desk('Bob')];
    const { id } = ada.store.cases.open(ada.writer, [opening]);
    const later = '{"kind":"note-sung","melody":[1,2.50,{"deep":null}]}';
    const file = forgedCase(await ada.export(id), [JSON.stringify(opening), later]);
    expect(await bob.import(file)).toMatchObject({ problemCount: 0, cases: [{ newEntries: 2 }] });
    expect(bob.store.cases.get('ca_forged')).toMatchObject({
      title: opening.title,
      withheld: 0,
    });
    const entries = membersOf(await bob.export('ca_forged')).find(({ path }) => path === 'entries.jsonl');
    expect(entries?.bytes.toString()).toContain(later);
  });

  it('says which evidence the exporter did not have', async () => {
    const [ada, bob] = [desk('Ada'), desk('Bob')];
    const lost = {
      kind: 'evidence-added',
      evidenceId: 'e1',
      name: 'lost',
      mediaType: 'a/b',
      sizeBytes: 5,
    } as const;
    const sha256 = 'ab'.repeat(32);
    const { id } = ada.store.cases.open(ada.writer, [opening, { ...lost, sha256 }]);
    const file = await ada.export(id);
    expect(await verify(file)).toMatchObject({ problems: [], manifest: { missing: [sha256] } });
    expect(await bob.import(file)).toMatchObject({ missing: 1 });
  });

  it('is not written at all when evidence was damaged, or when it is given up', async () => {
    const ada = desk('Ada');
    const id = caseWithEverything(ada);
    const path = join(ada.folder, 'new.wfcase');
    const given = { caseId: id, path, encryption: null, audience: null };
    let steps = 0;
    const isCancelled = () => {
      steps += 1;
      return steps > 12;
    };
    const giveUp = { ...context, isCancelled };
    await expect(ada.caseFiles.export(given, ada.writer, giveUp)).rejects.toThrow('given up');
    expect(steps).toBeGreaterThan(12);
    const [first] = ada.store.cases.get(id)?.evidence ?? [];
    const sha256 = first?.sha256 ?? '';
    writeFileSync(join(ada.folder, 'evidence', sha256.slice(0, 2), sha256), 'changed');
    await expect(ada.caseFiles.export(given, ada.writer, context)).rejects.toThrow('changed on the disk');
    expect(readdirSync(ada.folder).filter((name) => name.includes('wfcase'))).toEqual([]);
    expect(readdirSync(join(ada.folder, 'unfinished'))).toEqual([]);
  });

  it('takes the place of another file only when told to, and says what to do where it cannot be written', async () => {
    const ada = desk('Ada');
    const { id } = ada.store.cases.open(ada.writer, [opening]);
    const path = join(ada.folder, 'here.wfcase');
    const given = { caseId: id, path, encryption: null, audience: null };
    writeFileSync(path, 'dear to somebody');
    await expect(
      ada.caseFiles.export({ ...given, replaces: false }, ada.writer, context),
    ).rejects.toMatchObject({ code: 'conflict', details: takenDetails });
    expect(readFileSync(path, 'utf8')).toBe('dear to somebody');
    await ada.caseFiles.export({ ...given, replaces: true }, ada.writer, context);
    expect((await verify(readFileSync(path))).problems).toEqual([]);
    const nowhere = { ...given, path: join(ada.folder, 'nowhere', 'a.wfcase') };
    await expect(ada.caseFiles.export(nowhere, ada.writer, context)).rejects.toThrow(
      'The folder is not there. Choose another, or make it first. Nothing was left there.',
    );
    const folder = { ...given, path: ada.folder };
    await expect(ada.caseFiles.export(folder, ada.writer, context)).rejects.toMatchObject({
      code: 'refused',
    });
  });

  it('foretells what an audience would not get, and a name that is free', async () => {
    const ada = desk('Ada');
    const id = caseWithEverything(ada);
    ada.store.cases.append(id, ada.writer, [note('n2', 'For all')], 'TLP:GREEN');
    const before = ada.store.cases.get(id);
    const all = await ada.caseFiles.draft(id, null);
    const green = await ada.caseFiles.draft(id, 'TLP:GREEN');
    expect(ada.store.cases.get(id)).toEqual(before);
    expect(all).toEqual({
      path: expect.stringMatching(/http-flood-on-login-2026-03-04(-\d+)?\.wfcase$/),
      entries: before?.timeline.length,
      withheld: [],
    });
    const { manifest } = await verify(await ada.export(id, 'TLP:GREEN'));
    // The export itself first keeps what the alert is now.
    const foretold = [...green.withheld, { kind: 'snapshots-taken', count: 1 }];
    expect(foretold).toEqual(manifest?.withheld);
    expect(green.withheld.length).toBeGreaterThan(2);
    await expect(ada.caseFiles.draft('ca_none', null)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('has members that an ordinary reader of JSON understands', async () => {
    const ada = desk('Ada');
    const id = caseWithEverything(ada);
    const members = membersOf(await ada.export(id));
    expect(members.map(({ path }) => path)).toEqual([
      'manifest.json',
      'writers.jsonl',
      'entries.jsonl',
      'alerts.jsonl',
      'mitigations.jsonl',
      expect.stringMatching(/^evidence\/[0-9a-f]{64}$/),
      'arrivals.jsonl',
      'signature.json',
    ]);
    expect(manifestSchema.parse(JSON.parse(members[0]?.bytes.toString() ?? ''))).toMatchObject({
      caseId: id,
    });
  });
});
