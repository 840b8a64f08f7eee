import { connect } from 'node:net';
import { expect, type RunningHost, startHost, test, watchProblems } from './fixtures.ts';
import { caseOf } from './pages/case.ts';
import { frameOf } from './pages/frame.ts';

const env = { WATCHFLOOR_RANGE_SCENARIOS: 'manual', WATCHFLOOR_RANGE_SEED: '4' };

function partsOf(address: string): {
  readonly origin: string;
  readonly host: string;
  readonly token: string;
} {
  const url = new URL(address);
  return {
    origin: url.origin,
    host: url.host,
    token: new URLSearchParams(url.hash.slice(1)).get('token') ?? '',
  };
}

/** The first line of the answer to an upgrade, spoken by hand so that no client's own rules get in the way. */
function upgrade(host: string, protocol: string | null, headers: readonly string[] = []): Promise<string> {
  return new Promise((resolve, reject) => {
    const [name, port] = host.split(':');
    const socket = connect(Number(port), name, () => {
      socket.write(
        [
          'GET /port HTTP/1.1',
          `Host: ${host}`,
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
          ...(protocol === null ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
          ...headers,
          '',
          '',
        ].join('\r\n'),
      );
    });
    socket.once('data', (data) => {
      resolve(data.toString('latin1').split('\r\n')[0] ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('without the token there is no data, no method and no socket', async ({ openApp, newContext }) => {
  const app = await openApp({ env });
  const { origin, host, token } = partsOf(app.host?.address ?? '');
  expect(app.host?.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[A-Za-z0-9_-]{43}$/);

  const page = await fetch(origin);
  expect(page.status).toBe(200);
  expect(await page.text()).not.toContain(token);
  for (const path of [
    '/port',
    '/api',
    '/app.hello',
    '/watchfloor.db',
    '/range/watchfloor.db',
    '/..%2f..%2fpackage.json',
  ]) {
    expect((await fetch(origin + path)).status, path).toBe(404);
  }
  expect((await fetch(origin, { method: 'POST', body: '{}' })).status).toBe(405);

  const own = [`Origin: ${origin}`];
  expect(await upgrade(host, null, own)).toContain('401');
  expect(await upgrade(host, 'watchfloor.wrong', own)).toContain('401');
  expect(await upgrade(host, `watchfloor.${token}`, ['Origin: http://evil.example'])).toContain('403');
  expect(await upgrade(host, `watchfloor.${token}`)).toContain('403');

  const stranger = await newContext();
  const view = await stranger.newPage();
  await view.goto(origin);
  await expect(view.getByRole('dialog', { name: 'This address has no valid key' })).toBeVisible();
  await expect(view.getByText(/actionable/)).toBeHidden();
  await stranger.close();
});

test('a second session is refused politely, and takes over when it says so', async ({
  openApp,
  newContext,
}) => {
  const app = await openApp({ env });
  const first = frameOf(app.page);
  await first.sayName('Ada Okonkwo');
  const other = await newContext();
  const page = await other.newPage();
  const problems = watchProblems(page);
  await page.goto(app.host?.address ?? '');
  const refusal = page.getByRole('dialog', { name: 'Watchfloor is open in another session' });
  await expect(refusal).toBeVisible();
  await expect(page.getByText('Ada Okonkwo')).toBeHidden();
  await refusal.getByRole('button', { name: 'Try again' }).click();
  await expect(refusal).toBeVisible();
  await expect(first.strip).toContainText('Ada Okonkwo');

  await refusal.getByRole('button', { name: 'Take over here' }).click();
  await expect(refusal).toBeHidden();
  await expect(frameOf(page).strip).toContainText('Ada Okonkwo');
  const lost = app.page.getByRole('dialog', { name: 'Watchfloor is open in another session' });
  await expect(lost).toBeVisible();

  // And back again: nothing of the first window is lost.
  await lost.getByRole('button', { name: 'Take over here' }).click();
  await expect(lost).toBeHidden();
  await expect(refusal).toBeVisible();
  expect(problems).toEqual([]);
  await other.close();
});

test('two windows of one session are welcome and agree', async ({ openApp }) => {
  const app = await openApp({ env });
  await frameOf(app.page).sayName('Ada Okonkwo');
  const second = await app.page.context().newPage();
  await second.goto(app.host?.address ?? '');
  await expect(frameOf(second).strip).toContainText('Ada Okonkwo');
  await frameOf(app.page).command('light theme');
  await expect(second.locator('html')).toHaveAttribute('data-theme', 'light');
});

test('keys pressed on the first thing that is drawn are heard', async ({ openApp }) => {
  const app = await openApp({ env });
  await frameOf(app.page).sayName('Ada Okonkwo');
  // In the very moment in which the rail is there, before the core has said a word.
  await app.page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (document.querySelector('nav button') === null) return;
      observer.disconnect();
      for (const key of ['g', 'c']) {
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      }
    }).observe(document, { subtree: true, childList: true });
  });
  await app.page.reload();
  await expect(frameOf(app.page).screen('cases')).toBeVisible();
});

test('after kill -9 the page waits, says so, and a new start has everything', async ({
  openApp,
  dataDir,
}) => {
  const app = await openApp({ env });
  const frame = frameOf(app.page);
  await frame.sayName('Ada Okonkwo');
  await frame.goTo('cases');
  await caseOf(app.page).make('What was before the crash');

  const port = new URL(app.host?.address ?? '').port;
  await app.host?.kill();
  await expect(app.page.getByText(/The core was lost, reconnecting/)).toBeVisible();
  let again: RunningHost | null = null;
  try {
    again = await startHost({ dataDir, env, args: ['--port', port] });
    expect(new URL(again.address).port).toBe(port);
    // The key is good for one start only: the page finds the new core and says what to do.
    await expect(app.page.getByRole('dialog', { name: 'This address has no valid key' })).toBeVisible({
      timeout: 20_000,
    });
    app.problems.length = 0;
    await app.page.goto('about:blank');
    await app.page.goto(again.address);
    await expect(frame.strip).toContainText('Ada Okonkwo');
    await frame.goTo('cases');
    await expect(app.page.getByRole('row', { name: /What was before the crash/ })).toBeVisible();
    // A page that is left open would go on knocking at a host that is gone.
    await app.page.goto('about:blank');
  } finally {
    await again?.stop();
  }
  // A socket that breaks is told to the console by the browser itself.
  app.problems.length = 0;
});
