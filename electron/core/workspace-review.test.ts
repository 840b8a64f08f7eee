import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Client, createClient } from '../../shared/api/client.ts';
import type { Port } from '../../shared/api/envelope.ts';
import { reviewedCase } from '../testing/reviewed-case.ts';
import { openWorkspaces, type WorkspaceOptions, type Workspaces } from './workspace.ts';

let folder = '';
let file = '';
const before = process.env.TMPDIR;

beforeEach(async () => {
  const bytes = await reviewedCase();
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-test-'));
  file = join(folder, 'flood.wfcase');
  writeFileSync(file, bytes);
  process.env.TMPDIR = folder;
});
afterEach(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function options(more: Partial<WorkspaceOptions> = {}): WorkspaceOptions {
  return {
    dataDirectory: join(folder, 'data'),
    appVersion: '0.0.0-test',
    workspace: 'live',
    nowMs: Date.now,
    protection: null,
    printPdf: () => Promise.reject(new Error('nothing is printed')),
    desktop: null,
    ...more,
  };
}

/** The two ends of a wire. */
function wire(): readonly [Port, Port] {
  const listeners = [new Set<(message: unknown) => void>(), new Set<(message: unknown) => void>()] as const;
  const closes = new Set<() => void>();
  const end = (own: 0 | 1): Port => ({
    send(message) {
      const text = JSON.stringify(message);
      queueMicrotask(() => {
        for (const listener of listeners[own === 0 ? 1 : 0]) listener(JSON.parse(text));
      });
    },
    onMessage(listener) {
      listeners[own].add(listener);
      return () => listeners[own].delete(listener);
    },
    onClose(listener) {
      closes.add(listener);
      return () => closes.delete(listener);
    },
    close() {
      for (const listener of closes) listener();
    },
  });
  return [end(0), end(1)];
}

function connect(workspaces: Workspaces): Client {
  const [ours, theirs] = wire();
  const client = createClient(ours);
  workspaces.attach(theirs);
  return client;
}

const reviews = () => readdirSync(folder).filter((name) => name.startsWith('watchfloor-review-'));

test('a file is shown in front of the workspace, which goes on, and back it is as it was', async () => {
  const workspaces = await openWorkspaces(options());
  const client = connect(workspaces);
  await client.call('app.setAnalyst', { name: 'Carol' });
  const { id } = await client.call('cases.open', {
    alertIds: [],
    title: 'Of her own',
    severity: 'low',
    customerId: null,
  });
  const changes: string[] = [];
  client.on('workspace.changed', ({ workspace }) => changes.push(workspace));

  const review = await client.call('review.open', { path: file });
  expect(review).toMatchObject({ path: file, error: null, canClose: true, preview: { problemCount: 0 } });
  const hello = await client.call('app.hello', {});
  expect(hello).toMatchObject({ workspace: 'review', review: { caseId: review.caseId } });
  expect((await client.call('cases.list', { status: null, text: '' })).map((each) => each.id)).toEqual([
    review.caseId,
  ]);
  await expect(
    client.call('cases.append', {
      caseId: review.caseId ?? '',
      entry: { kind: 'note-added', noteId: 'n', markdown: 'Not to be' },
    }),
  ).rejects.toMatchObject({ code: 'refused' });
  const facts = await client.call('cases.replay', { id: review.caseId ?? '' });
  // Whoever looks is no workstation of the case.
  expect(facts.workstations.map(({ name }) => name).sort()).toEqual(['Ada', 'Bob']);
  expect(facts.workstations.find(({ id: one }) => one === facts.exporterWorkstationId)?.name).toBe('Ada');
  expect(facts.ownWorkstationId).toBeNull();
  expect(facts.alerts).toMatchObject([{ title: 'HTTP flood on /login', count: 20 }]);
  expect(reviews()).toHaveLength(1);

  await client.call('review.close', {});
  expect(changes).toEqual(['review', 'live']);
  expect(reviews()).toEqual([]);
  expect((await client.call('cases.list', { status: null, text: '' })).map((each) => each.id)).toEqual([id]);
  const audit = await client.call('audit.list', { limit: 10 });
  expect(audit.map(({ action }) => action)).toContain('case.reviewed');
  await workspaces.close();
});

test('a file that does not verify changes nothing of what is shown and leaves nothing', async () => {
  writeFileSync(file, (await reviewedCase()).subarray(0, 3_000));
  const workspaces = await openWorkspaces(options());
  const client = connect(workspaces);
  const review = await client.call('review.open', { path: file });
  expect(review).toMatchObject({ caseId: null, preview: { problemCount: 1 } });
  expect(await client.call('app.hello', {})).toMatchObject({ workspace: 'live', review: null });
  expect(await client.call('review.open', { path: join(folder, 'none.wfcase') })).toMatchObject({
    caseId: null,
    preview: null,
    error: { code: 'not-found' },
  });
  expect(reviews()).toEqual([]);
  await workspaces.close();
});

test('alone a file makes no data directory, and there is nothing to go back to', async () => {
  const review = { path: file, secrets: { identities: [], passphrase: null } };
  const workspaces = await openWorkspaces(options({ review, isReviewOnly: true }));
  const client = connect(workspaces);
  expect(await client.call('app.hello', {})).toMatchObject({
    workspace: 'review',
    review: { canClose: false, preview: { exporter: { name: 'Ada', isKnown: false } } },
  });
  await expect(client.call('review.close', {})).rejects.toMatchObject({ code: 'refused' });
  await expect(client.call('app.openWorkspace', { workspace: 'range' })).rejects.toMatchObject({
    code: 'refused',
  });
  expect(readdirSync(folder).sort()).toEqual(['flood.wfcase', ...reviews()].sort());
  await workspaces.close();
  expect(readdirSync(folder)).toEqual(['flood.wfcase']);
});

test('a file that was opened from outside the window is told to the window, also to one that comes later', async () => {
  const workspaces = await openWorkspaces(options());
  workspaces.requestReview(file);
  const [ours, theirs] = wire();
  const client = createClient(ours);
  const asked: string[] = [];
  client.on('review.requested', ({ path }) => asked.push(path));
  workspaces.attach(theirs);
  await client.call('app.status', {});
  workspaces.requestReview('/another.wfcase');
  await client.call('app.status', {});
  expect(asked).toEqual([file, '/another.wfcase']);
  await workspaces.close();
});
