import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertSortSchema } from '../../shared/api/contract.ts';
import { connect } from './connect.ts';
import type { Store } from './store.ts';
import {
  alertQuery,
  occurrence,
  openTestStore,
  signalInput,
  startMs,
  temporaryDirectory,
  testSource,
  testWriter,
} from './testing.ts';

/*
 * What a screen or a poll asks all the time must not read whole tables. Each call is run, the statements it made
 * are explained by SQLite, and steps that go through a table without an index are named.
 */

/** Tables that stay small or hold each text once: reading all of them is fine. */
const smallTables = new Set([
  'customer',
  'service',
  'connection',
  'view',
  'json_each',
  'one',
  'signal',
  'suppression',
  'watched_word',
  'alert_title',
  'alert_why',
  'entity',
  'step',
  'CONSTANT',
]);

describe('hot queries read through indexes', () => {
  const directory = temporaryDirectory();
  const statements: string[] = [];
  let store: Store;
  let explain: ReturnType<typeof connect>;
  let alertId: string;
  let signalId: string;
  let suppressionId: string;
  let caseId: string;

  beforeAll(() => {
    store = openTestStore(
      directory.path,
      { nowMs: startMs },
      { onStatement: (text) => statements.push(text) },
    );
    store.alerts.ingest(
      testSource,
      Array.from({ length: 500 }, (_, index) =>
        occurrence({ identity: `r${index}`, deduplicationKey: `k${index}`, correlationKey: `flow-${index}` }),
      ),
      startMs,
    );
    alertId = store.alerts.query(alertQuery(), { offset: 0, limit: 1, upToSequence: null }).rows[0]?.id ?? '';
    signalId = store.signals.upsertFromInput('source-1', null, signalInput()).signal.id;
    suppressionId = store.suppressions.add({
      scope: { kind: 'query', text: 'title:nothing' },
      reason: 'A test',
      owner: 'Ada',
      upTo: 'high',
      startMs,
      endMs: startMs + 1e6,
      weekly: false,
    }).id;
    caseId = store.cases.open(testWriter(store), [
      {
        kind: 'case-opened',
        title: 'A case',
        customerId: null,
        severity: 'low',
        tlp: 'TLP:AMBER',
        pap: 'PAP:AMBER',
      },
    ]).id;
    explain = connect(`${directory.path}/watchfloor.db`, true);
  });
  afterAll(() => {
    explain.close();
    store.close();
    directory.remove();
  });

  /** Steps of all statements of a call that scan a table without an index. */
  function fullScans(call: () => unknown): string[] {
    statements.length = 0;
    call();
    return statements
      .filter((text) => /^(SELECT|INSERT|UPDATE|DELETE)/.test(text.trim()))
      .flatMap((text) =>
        explain
          .prepare<[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
          .all()
          .map((row) => row.detail)
          .filter((detail) => {
            const table = /^SCAN (\w+)(?! USING)/.exec(detail)?.[1];
            return table !== undefined && !detail.includes('INDEX') && !smallTables.has(table);
          })
          .map((detail) => `${detail}: ${text}`),
      );
  }

  const page = { offset: 0, limit: 100, upToSequence: 400 };
  const calls: readonly (readonly [string, () => unknown])[] = [
    ['the counts of the strip', () => store.alerts.openCounts()],
    ['a page of the queue', () => store.alerts.query(alertQuery({ lane: 'actionable' }), page)],
    ['a page by severity', () => store.alerts.query(alertQuery({ sort: 'severity' }), page)],
    ['a page by last seen', () => store.alerts.query(alertQuery({ sort: 'last-seen' }), page)],
    ...alertSortSchema.options.flatMap((sort) =>
      [false, true].map(
        (reversed) =>
          [
            `a page by ${sort}${reversed ? ', turned round' : ''}`,
            () => store.alerts.query(alertQuery({ sort, reversed, lane: 'actionable' }), page),
          ] as const,
      ),
    ),
    ['a technique', () => store.alerts.query(alertQuery({ text: 'technique:T1190' }), page)],
    ['a signal', () => store.alerts.query(alertQuery({ text: 'signal:x' }), page)],
    ['what was stopped', () => store.alerts.query(alertQuery({ text: 'mitigated:yes' }), page)],
    ['free text', () => store.alerts.query(alertQuery({ text: 'word' }), page)],
    ['a page by count', () => store.alerts.query(alertQuery({ sort: 'count' }), page)],
    ['an address', () => store.alerts.query(alertQuery({ text: 'ip:198.51.100.7' }), page)],
    ['a network', () => store.alerts.query(alertQuery({ text: 'ip:198.51.100.0/24' }), page)],
    ['an autonomous system', () => store.alerts.query(alertQuery({ text: 'asn:64500' }), page)],
    ['a country', () => store.alerts.query(alertQuery({ text: 'country:DE' }), page)],
    ['an end', () => store.alerts.query(alertQuery({ text: 'src:198.51.100.0/24' }), page)],
    ['a source', () => store.alerts.query(alertQuery({ text: 'source:suricata' }), page)],
    ['a customer', () => store.alerts.query(alertQuery({ text: 'customer:acme' }), page)],
    ['the last day', () => store.alerts.query(alertQuery({ text: 'last:24h' }), page)],
    ['an alert', () => store.alerts.get(alertId)],
    ['actionable alerts by day', () => store.alerts.actionableByDay(startMs - 1e9)],
    ['actionable alerts of the last days', () => store.alerts.actionableSince(startMs - 1e9, null, 100)],
    ['many alerts', () => store.alerts.getMany([alertId])],
    ['occurrences', () => store.alerts.occurrences(alertId, 50)],
    ['what is merged under an alert', () => store.alerts.members(alertId, 100)],
    ['the parts of an alert', () => store.alerts.parts(alertId)],
    ['parts by the query', () => store.alerts.query(alertQuery({ text: `split:${alertId}` }), page)],
    ['alerts with what stands for them', () => store.alerts.withLeaders([alertId])],
    ['in how many alerts an address is', () => store.alerts.entityCount({ kind: 'ip', value: '::1' }, 101)],
    [
      'a split and its reverse',
      () => {
        const split = { kind: 'gap', gapMs: 1_000 } as const;
        store.alerts.previewSplit(alertId, split);
        store.alerts.ingest(
          testSource,
          [occurrence({ identity: 'later', deduplicationKey: 'k499', occurredMs: startMs + 9e5 })],
          startMs,
        );
        const { undoId } = store.alerts.act(
          { by: 'ids', ids: [alertId] },
          { type: 'split', by: split },
          'Ada',
        );
        for (const { id } of store.alerts.parts(alertId)) store.alerts.occurrences(id, 10);
        store.alerts.undo(undoId ?? '', 'Ada');
      },
    ],
    ['related alerts', () => store.alerts.related(alertId, 10)],
    ['history of an alert', () => store.alerts.history(alertId)],
    ['context of an alert', () => store.context.forAlert(alertId, 50)],
    ['snoozed alerts that are due', () => store.alerts.wakeDue()],
    ['an action', () => store.alerts.act({ by: 'ids', ids: [alertId] }, { type: 'acknowledge' }, 'Ada')],
    ['an ingest', () => store.alerts.ingest(testSource, [occurrence({ identity: 'new' })], startMs)],
    [
      'samples',
      () => {
        store.samples.append(signalId, { timesMs: [startMs], values: [1] });
        store.samples.window(signalId, startMs - 1e9, startMs, 500);
      },
    ],
    ['whether anything is suppressed', () => store.suppressions.hasSuppressed()],
    ['suppressions in force', () => store.suppressions.unsettled()],
    ['what a suppression hid', () => store.suppressions.list()],
    ['an alert held', () => store.suppressions.begin(suppressionId, [alertId])],
    [
      'alerts of a suppression',
      () =>
        store.alerts.query(alertQuery({ text: `suppressed:${suppressionId}` }), {
          ...page,
          upToSequence: null,
        }),
    ],
    ['a step through what was there', () => [...store.suppressions.sweepInSteps(suppressionId, () => true)]],
    [
      'a step through what is held',
      () => store.suppressions.settleSlice(suppressionId, { after: 0, sentence: '', everything: false }),
    ],
    ['why an alert was held', () => store.suppressions.history(alertId)],
    ['an alert released', () => store.suppressions.release([alertId], '')],
    ['open findings', () => store.findings.open()],
    ['history of findings', () => store.findings.history([signalId], startMs)],
    ['deviations of signals', () => store.findings.deviations([signalId], startMs)],
    ['open incidents', () => store.incidents.open()],
    ['findings of an alert', () => store.findings.forAlert(alertId)],
    ['mitigations by state', () => store.mitigations.inStates(['approved', 'applying'])],
    ['the rate of a plan', () => store.mitigations.entriesApprovedSince('pl_1', startMs)],
    ['the ledger of a mitigation', () => store.mitigations.ledger('mi_1', 100)],
    ['a case', () => store.cases.get(caseId)],
    ['where a case’s observables were seen', () => store.cases.seen(caseId)],
    ['related cases', () => store.cases.related(caseId, 20)],
    ['mentions', () => store.cases.mentions('Ada', 10)],
    ['a case in outline', () => store.cases.outline(caseId)],
    ['a case in chain order', () => [...store.cases.signedEntries([caseId], store.cases.newestPosition())]],
    ['the keys of a case', () => store.cases.writerKeys([caseId], store.cases.newestPosition())],
    [
      'an entry more',
      () =>
        store.cases.append(caseId, testWriter(store), [
          { kind: 'note-added', noteId: 'n1', markdown: 'One' },
        ]),
    ],
    [
      'a breakdown',
      () =>
        store.breakdowns.query({
          customerId: null,
          serviceId: null,
          dimension: 'source.ip',
          fromMs: startMs - 1e6,
          toMs: startMs,
        }),
    ],
  ];

  it.each(calls)('%s', (_, call) => {
    expect(fullScans(call)).toEqual([]);
  });

  it('and this check notices one that does not', () => {
    const call = () => store.cases.list({ status: null, text: 'word' });
    expect(fullScans(call).map((scan) => scan.split(':')[0])).toEqual(['SCAN case_summary']);
  });
});
