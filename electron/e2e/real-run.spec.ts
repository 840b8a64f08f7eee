import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { attack, type Load, ordinaryLoad, ordinaryRate } from '../testing/real/load.ts';
import { runtimeCommand } from '../testing/real/servers.ts';
import { type RealStack, startRealStack } from '../testing/real/stack.ts';
import { test as base, expect } from './fixtures.ts';
import { caseOf } from './pages/case.ts';
import { frameOf } from './pages/frame.ts';
import { approvalDialogOf, proposeDialogOf } from './pages/mitigation.ts';
import { queueOf } from './pages/queue.ts';
import { fill, settingsOf } from './pages/settings.ts';
import { quantityIn, watchOf } from './pages/watch.ts';

/** How HAProxy answers one request from one local address. */
function statusFrom(stack: RealStack, localAddress: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: stack.haproxy.httpPort, path: '/', localAddress, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

/** Requests a second as Prometheus itself tells, over the window that the source is given. */
async function requestRate(stack: RealStack): Promise<number> {
  const query = `sum(rate(haproxy_frontend_http_requests_total{proxy="${stack.haproxy.frontend}"}[${rateWindowMs / 1_000}s]))`;
  const answer = await fetch(`${stack.prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
  return Number(/"value":\[[\d.]+,"([\d.]+)"\]/.exec(await answer.text())?.[1] ?? 0);
}

interface LoggedRequest {
  readonly client: string;
  readonly status: number;
  readonly timeMs: number;
}

/** HAProxy's own log: `client status seconds.ms method path`. */
function readLog(stack: RealStack): readonly LoggedRequest[] {
  return readFileSync(stack.haproxy.logPath, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const found = /^(\S+) (\d{3}) (\d+)\.(\d+) /.exec(line);
      return found === null
        ? []
        : [
            {
              client: found[1] ?? '',
              status: Number(found[2]),
              timeMs: Number(found[3]) * 1_000 + Number((found[4] ?? '').padEnd(3, '0')),
            },
          ];
    });
}

/** The servers, and what was started against them; they end after the app's own page has been looked at. */
const test = base.extend<{ readonly stack: RealStack; readonly loads: Load[] }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are used from this pattern.
  stack: async ({}, use) => {
    const stack = await startRealStack({ historyDays: 14 });
    await use(stack);
    await stack.stop();
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  loads: async ({}, use) => {
    const loads: Load[] = [];
    await use(loads);
    for (const load of loads) await load.stop();
  },
});

/** Over which Prometheus is asked for rates. */
const rateWindowMs = 60_000;
const customer = 'Corner shop';
const service = 'shop';

test('an attack on a real service: seen, blocked on the real HAProxy, ended by it, reported', async ({
  stack,
  loads,
  openApp,
}) => {
  const load = ordinaryLoad({ port: stack.haproxy.httpPort, meanPerSecond: stack.meanPerSecond, seed: 11 });
  loads.push(load);
  const loadStartedMs = Date.now();
  const attacker = `127.0.0.${64 + randomInt(64)}`;

  const app = await openApp();
  const { page } = app;
  const frame = frameOf(page);
  const settings = settingsOf(page);
  const watch = watchOf(page);
  const queue = queueOf(page);
  const theCase = caseOf(page);
  const propose = proposeDialogOf(page);
  const approval = approvalDialogOf(page);

  await test.step('from the range to real sources', async () => {
    await frame.sayName('Ada Okonkwo');
    await page.getByRole('button', { name: 'Connect real sources' }).click();
    // A data directory of its own: its keys are its own, too.
    await frame.sayName('Ada Okonkwo');
    await expect(settings.region).toBeVisible();
    await expect(frame.strip.getByText('SIMULATED', { exact: true })).toBeHidden();
  });

  await test.step('customer, sources and target by their forms, each tested', async () => {
    await settings.addCustomer(customer);
    await settings.add('source', 'HAProxy runtime socket', {
      Name: 'haproxy',
      Customer: customer,
      'Runtime socket': stack.haproxy.socketPath,
      Service: service,
      'Proxies to leave out': 'stats, passthrough, origin_tcp',
      'Every (s)': '2',
    });
    await settings.add('source', 'Alertmanager', {
      Name: 'alertmanager',
      Customer: customer,
      Address: stack.alertmanager.url,
      'Every (s)': '5',
    });
    // Rates over a window that reaches back before the first request, into the past that was made for Prometheus, would
    // say that the traffic broke down, or by chance that it did not.
    await page.waitForTimeout(Math.max(0, loadStartedMs + rateWindowMs - Date.now()));
    await expect
      .poll(() => requestRate(stack), { timeout: 60_000, intervals: [1_000] })
      .toBeGreaterThan(ordinaryRate(Date.now(), stack.meanPerSecond) * 0.8);
    const prometheus = await settings.add('source', 'Prometheus', {
      Name: 'prometheus',
      Customer: customer,
      Address: stack.prometheus.url,
      Service: service,
      'HAProxy proxies to leave out': 'stats|passthrough|origin_tcp',
      'Step (s)': '2',
      'Rate window (s)': String(rateWindowMs / 1_000),
    });
    expect(prometheus.join('\n')).toMatch(/2\.42|Prometheus/);
    const target = await settings.add('target', 'HAProxy', {
      Name: 'edge-haproxy',
      Customer: customer,
      'Runtime socket': stack.haproxy.socketPath,
      Map: stack.haproxy.mapPath,
      'Stick table': stack.haproxy.table,
      'Configuration on this machine': stack.haproxy.configurationPath,
    });
    expect(target.join('\n')).toContain(stack.haproxy.mapPath);
  });

  await test.step('the customer’s plan', async () => {
    await frame.goTo('mitigate');
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'New action plan' });
    await fill(dialog, {
      Name: 'Shop blocks',
      Customer: customer,
      Target: 'edge-haproxy',
      'Agreed by': 'Corner shop, ticket 4711',
      'Usual block': '1',
      'Longest block': '5',
    });
    await dialog.getByLabel('Who asks may also approve').check();
    await dialog.getByLabel('Loopback may be blocked').check();
    await page.keyboard.press('Control+Enter');
    await expect(dialog).toBeHidden();
  });

  await test.step('the past is there, and nobody is called', async () => {
    await frame.goTo('settings');
    await settings.section('Sources');
    await expect(settings.row('source', 'prometheus')).toContainText('OK', { timeout: 60_000 });
    await frame.goTo('watch');
    await expect(watch.service(new RegExp(`^${service} ?${customer}`))).toBeVisible();
    // A handful of sessions may well be unusual; what must not happen is that somebody is woken for it.
    await expect(page.getByRole('region', { name: 'Overall state' })).toContainText('0 actionable');
    await expect.poll(() => watch.usualAtMost('HTTP requests'), { timeout: 30_000 }).toBeGreaterThan(1);
  });

  const started = Date.now();
  let flood: Load | null = null;
  await test.step(`the attack from ${attacker} surges on the chart`, async () => {
    flood = attack({
      port: stack.haproxy.httpPort,
      address: attacker,
      ratePerSecond: 150,
      mostRequests: 20_000,
    });
    loads.push(flood);
    const usual = await watch.usualAtMost('HTTP requests');
    await expect
      .poll(() => watch.valueOf('HTTP requests'), { timeout: 60_000 })
      .toBeGreaterThan(Math.max(usual * 2, 60));
  });

  await test.step('an actionable alert says why and names the address', async () => {
    await frame.goTo('queue');
    const alert = /HTTP (flood|request surge)|Few clients/i;
    await queue.waitFor(alert, 60_000);
    await queue.moveTo(alert);
    await page.keyboard.press('Enter');
    await expect(queue.details).toContainText('Actionable');
    await expect(queue.details).toContainText(/HTTP requests \(shop\) [\d.]+x above the usual \w+ \d\d:\d\d/);
    // The address is known from the runtime socket's own counts; it is shown defanged.
    await expect(queue.details.getByRole('list', { name: 'Entities' })).toContainText(
      attacker.replaceAll('.', '[.]'),
      { timeout: 30_000 },
    );
    // HAProxy's socket tells who asks and how it was answered, Prometheus only how much: the rest is said to be unknown.
    await page.keyboard.press('v');
    const explained = queue.details.getByRole('region', { name: 'How it works' });
    await expect(explained).toContainText(
      new RegExp(`HTTP flood.*\\d+% of the excess comes from ${attacker.replaceAll('.', '\\.')}`),
    );
    await expect(explained.getByRole('table', { name: 'What the excess is made of' })).toContainText('2xx');
    await expect(explained).toContainText(
      /Not known: networks \(ASN\), countries, paths, query strings, user agents, methods, source ports, ports, protocols, TCP flags, packet sizes; no source of this service tells them\./i,
    );
    await frame.press('3');
    await queue.waitFor(/ShopRequestSurge|Requests to the shop/, 30_000);
    await frame.press('1');
    await queue.moveTo(alert);
  });

  await test.step('case, proposal, approval: the target confirms', async () => {
    await page.keyboard.press('e');
    await expect(page.getByRole('dialog', { name: 'Case from 1 alert' })).toBeVisible();
    await page.keyboard.press('Control+Enter');
    await expect(theCase.title).toBeVisible();
    await page.keyboard.press('p');
    await expect(propose.entries).toHaveValue(attacker);
    await expect(propose.minutes).toHaveValue('1');
    await page.keyboard.press('Control+Enter');
    await approval.waitUntilReady();
    await expect(approval.dialog).toContainText(/In the last .* requests/);
    await page.keyboard.press('Control+Enter');
    await approval.waitUntilVerified();
    await page.keyboard.press('Escape');
  });
  const blockedMs = Date.now();

  await test.step('HAProxy refuses that address and serves the others', async () => {
    expect(await statusFrom(stack, attacker)).toBe(403);
    const others = [
      '127.0.0.1',
      '127.0.0.10',
      '127.0.0.21',
      attacker === '127.0.0.64' ? '127.0.0.65' : '127.0.0.64',
    ];
    expect(await Promise.all(others.map((address) => statusFrom(stack, address)))).toEqual([
      200, 200, 200, 200,
    ]);
    expect(await runtimeCommand(stack.haproxy.socketPath, `show map ${stack.haproxy.mapPath}`)).toContain(
      attacker,
    );
    await frame.goTo('watch');
    await expect(frame.strip).toContainText('1 active mitigation');
    await flood?.stop();
  });

  await test.step('the app is closed; the block ends by itself', async () => {
    await app.close();
    expect(await statusFrom(stack, attacker)).toBe(403);
    await expect.poll(() => statusFrom(stack, attacker), { timeout: 75_000, intervals: [500] }).toBe(200);
    const heldMs = Date.now() - blockedMs;
    expect(heldMs).toBeGreaterThan(50_000);
  });

  await test.step('the report’s numbers agree with HAProxy’s log', async () => {
    const again = await openApp();
    const reopened = frameOf(again.page);
    const sameCase = caseOf(again.page);
    await expect(reopened.strip).toBeVisible();
    await expect((await reopened.goTo('cases')).getByRole('row').nth(1)).toBeVisible();
    await again.page.keyboard.press('Enter');
    await expect(sameCase.mitigations).toContainText(/Ended|Expired/i, { timeout: 20_000 });
    await again.page.keyboard.press('w');
    await expect(reopened.message('Saved the signals with the case')).toBeVisible();
    await again.page.keyboard.press('3');
    const row = sameCase.report.getByRole('row').filter({ hasText: 'HTTP requests' }).first();
    await expect(row).toBeVisible();
    const cells = await row.getByRole('cell').allInnerTexts();
    const fromMs = Date.parse(cells[3] ?? '');
    const log = readLog(stack);
    const fromAttacker = log.filter((each) => each.client === attacker && each.timeMs >= started);
    expect(fromMs, cells.join(' | ')).toBeGreaterThan(started - 60_000);
    const excess = quantityIn(cells[5] ?? '');
    test.info().annotations.push({
      type: 'numbers',
      description: `report: “${cells[2]}”, “${cells[5]}”; log: ${fromAttacker.length} requests of the attacker`,
    });
    expect(Math.abs(excess - fromAttacker.length) / fromAttacker.length).toBeLessThan(0.25);
  });
});
