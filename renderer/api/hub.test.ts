import { describe, expect, it } from 'vitest';
import { createClient } from '../../shared/api/client.ts';
import { serve } from '../../shared/api/server.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { createFakeHandlers } from '../testing/fake-core.ts';
import { reconnectDelayMs, takeToken } from './connect.ts';
import { createHub } from './hub.ts';
import { createPortPair } from './ports.ts';

function startCore() {
  const [pageSide, coreSide] = createPortPair();
  const quiet = { emit: () => undefined };
  const served = serve(
    coreSide,
    createFakeHandlers(
      'calm',
      () => quiet,
      () => 1_800_000_000_000,
    ).handlers,
  );
  return { client: createClient(pageSide), served };
}

describe('hub', () => {
  it('refuses calls in words while there is no core', async () => {
    const error = await createHub()
      .call('app.status', {})
      .catch((thrown: unknown) => toErrorData(thrown));
    expect(error).toEqual({
      code: 'unavailable',
      message: 'The core is not connected. Nothing was changed; try again in a moment.',
      details: null,
    });
  });

  it('keeps listeners over a restart and tells them to ask again', async () => {
    const hub = createHub();
    const heard: string[] = [];
    hub.onGap(() => heard.push('ask again'));
    hub.on('cases.changed', ({ caseIds }) => heard.push(caseIds.join()));
    const first = startCore();
    hub.attach(first.client);
    first.served.emit('cases.changed', { caseIds: ['one'] });
    await Promise.resolve();
    const second = startCore();
    hub.attach(second.client);
    second.served.emit('cases.changed', { caseIds: ['two'] });
    first.served.emit('cases.changed', { caseIds: ['from the core before'] });
    await Promise.resolve();
    expect(heard).toEqual(['ask again', 'one', 'ask again', 'two']);
  });

  it('calls through to the core that is attached', async () => {
    const hub = createHub();
    hub.attach(startCore().client);
    expect((await hub.call('app.hello', {})).analyst).toEqual({
      id: 'analyst-1',
      name: 'Robin Keller',
      publicKey: 'A'.repeat(43),
    });
  });
});

describe('the host’s token', () => {
  const storage = () => {
    const held = new Map<string, string>();
    // Only what takeToken uses.
    return {
      getItem: (key: string) => held.get(key) ?? null,
      setItem: (key: string, value: string) => void held.set(key, value),
    };
  };
  const at = (hash: string) => ({ hash, pathname: '/', search: '?x=1' });

  it('is taken from the address, which is then cleaned, and kept for the tab', () => {
    const kept = storage();
    const cleaned: string[] = [];
    const first = takeToken(at('#token=abc_DEF-1'), kept, (url) => cleaned.push(url));
    const again = takeToken(at(''), kept, (url) => cleaned.push(url));
    expect([first, again, cleaned]).toEqual(['abc_DEF-1', 'abc_DEF-1', ['/?x=1']]);
  });

  it('is missing where the address never had it', () => {
    expect(takeToken(at(''), storage(), () => undefined)).toBe(null);
  });
});

describe('reconnecting', () => {
  it('waits longer each time, at most five seconds, with jitter', () => {
    expect([1, 2, 3, 5, 30].map((attempt) => reconnectDelayMs(attempt, 0.5))).toEqual([
      300, 600, 1_200, 4_800, 5_000,
    ]);
    expect([reconnectDelayMs(1, 0), reconnectDelayMs(1, 1)]).toEqual([225, 375]);
  });
});
