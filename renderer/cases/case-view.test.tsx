import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { EntryPayload } from '../../shared/domain/case.ts';
import { foldCase } from '../../shared/domain/case-fold.ts';
import { caseEntry } from '../../shared/testing/case-entry.ts';
import { createKeysStore, KeysContext } from '../state/keys.ts';
import { AppStoreContext, createAppStore } from '../state/store.ts';
import { type CaseDesk, CaseDeskProvider } from './case-desk.tsx';
import { CaseEvidence } from './case-evidence.tsx';
import { CaseFields } from './case-fields.tsx';
import { CaseHeader } from './case-header.tsx';
import { CaseTasks } from './case-tasks.tsx';

const payloads: readonly EntryPayload[] = [
  {
    kind: 'case-opened',
    title: 'Flood',
    customerId: null,
    severity: 'low',
    tlp: 'TLP:GREEN',
    pap: 'PAP:GREEN',
  },
  { kind: 'note-added', noteId: 'n1', markdown: 'A **note** with [a link](javascript:x)' },
  { kind: 'task-added', taskId: 't1', title: 'Call them' },
  { kind: 'checklist-item-added', taskId: 't1', itemId: 'i1', text: 'Find the number' },
  { kind: 'field-set', name: 'Ticket', value: 'ACME-17' },
  {
    kind: 'event-added',
    eventId: 'e1',
    occurredMs: 60_000,
    detectedMs: null,
    title: 'First complaint',
    text: '',
  },
  {
    kind: 'evidence-added',
    evidenceId: 'ev1',
    name: 'disk.img',
    mediaType: '',
    sizeBytes: 3,
    sha256: 'a'.repeat(64),
  },
];
const state = foldCase(
  'ca_1',
  payloads.map((payload, index) => caseEntry({ id: `en_${index}`, timeMs: 120_000 + index, payload })),
  false,
);
const nobody = async () => null;
const working: CaseDesk = {
  edit: { append: nobody, appendAll: nobody, change: nobody },
  readEvidence: null,
  saveEvidence: null,
  isStored: false,
};
const looking: CaseDesk = { edit: null, readEvidence: null, saveEvidence: null, isStored: false };

function at(desk: CaseDesk, part: ReactNode): string {
  return renderToStaticMarkup(
    <AppStoreContext.Provider value={createAppStore()}>
      <KeysContext.Provider value={createKeysStore()}>
        <CaseDeskProvider value={desk}>{part}</CaseDeskProvider>
      </KeysContext.Provider>
    </AppStoreContext.Provider>,
  );
}

const parts = [
  ['the header', <CaseHeader key="header" state={state} />, 'Flood', /<select|Rename/],
  ['tasks', <CaseTasks key="tasks" state={state} />, 'Call them', /checkbox|Add a task|Edit the task/],
  ['fields', <CaseFields key="fields" state={state} />, 'ACME-17', /Set field|Edit the field/],
  [
    'evidence',
    <CaseEvidence key="evidence" state={state} busy={false} onAdd={() => undefined} />,
    'disk.img',
    /Add file|type="file"/,
  ],
] as const;

describe('a part of the case', () => {
  it.each(parts)(
    '%s shows what there is, and only where it is worked on how to change it',
    (_, part, words, change) => {
      expect(at(working, part)).toContain(words);
      expect(at(working, part)).toMatch(change);
      expect(at(looking, part)).toContain(words);
      expect(at(looking, part)).not.toMatch(change);
    },
  );
});
