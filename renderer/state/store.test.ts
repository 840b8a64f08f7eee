import { describe, expect, it } from 'vitest';
import { readCoreClock } from './session.ts';
import { createAppStore } from './store.ts';

describe('undo', () => {
  it('takes back the newest thing once, and says when there is nothing', () => {
    const store = createAppStore();
    const undone: string[] = [];
    store.getState().notify({ text: 'first', undo: () => undone.push('first') });
    store.getState().notify({ text: 'second', undo: () => undone.push('second') });
    store.getState().notify({ text: 'just said' });
    const results = [store.getState().undoLast(), store.getState().undoLast(), store.getState().undoLast()];
    expect([results, undone]).toEqual([
      [true, true, false],
      ['second', 'first'],
    ]);
  });

  it('keeps the last three words only', () => {
    const store = createAppStore();
    for (const text of ['a', 'b', 'c', 'd']) store.getState().notify({ text });
    expect(store.getState().toasts.map((toast) => toast.text)).toEqual(['b', 'c', 'd']);
  });
});

describe('jobs', () => {
  it('show how far they are until they end', () => {
    const store = createAppStore();
    const id = store.getState().startJob({ label: 'Closing', total: 10 });
    store.getState().updateJob(id, { done: 4 });
    const shown = store.getState().jobs.map(({ label, done, total }) => ({ label, done, total }));
    store.getState().endJob(id);
    expect([shown, store.getState().jobs]).toEqual([[{ label: 'Closing', done: 4, total: 10 }], []]);
  });
});

describe('screens', () => {
  it('arrive anew even at the same place, and forget what belongs to a workspace that was left', () => {
    const store = createAppStore();
    store.getState().goTo('queue', { alertId: 'a' });
    store.getState().goTo('queue', { alertId: 'a' });
    store.getState().keep('queue.lane', 'actionable');
    store.getState().setBrush({ fromMs: 1, toMs: 2 });
    store.getState().setFocus({ customerId: 'c', serviceId: 's' });
    const { screen, arrival, destination } = store.getState();
    store.getState().resetSession();
    const after = store.getState();
    expect([
      { screen, arrival, destination },
      { kept: after.kept, brush: after.brush, customerId: after.customerId, serviceId: after.serviceId },
    ]).toEqual([
      { screen: 'queue', arrival: 2, destination: { alertId: 'a' } },
      { kept: {}, brush: null, customerId: null, serviceId: null },
    ]);
  });
});

describe('the clock of the core', () => {
  it('goes on from the last status, whatever this machine thinks the time is', () => {
    expect(readCoreClock({ coreMs: 1_000_000, machineMs: 500 }, 1_500)).toBe(1_001_000);
  });
});
