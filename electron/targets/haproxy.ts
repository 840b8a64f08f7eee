import { constants } from 'node:fs';
import { access, chmod, chown, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { basename, dirname, isAbsolute, join } from 'node:path';
import ipaddr from 'ipaddr.js';
import type { Descriptor, Field, Settings, TestResult } from '../../shared/domain/connection.ts';
import { parseNetwork } from '../../shared/domain/network.ts';
import { toErrorData, WatchfloorError } from '../../shared/domain/result.ts';
import { formatUtc, secondMs } from '../../shared/domain/time.ts';
import { parseInfo, parseTable } from '../sources/haproxy-answers.ts';
import { quoteForSentence } from '../sources/http.ts';
import { badSetting, checkSettings } from '../sources/settings-reader.ts';
import type { ConnectionIo } from '../sources/source.ts';
import {
  describePlan,
  editMapFile,
  listBlocks,
  type MapChange,
  type MapRow,
  parseMapRows,
  planApply,
  planRevert,
  readStatus,
} from './haproxy-map.ts';
import { countClientsText, socketSnippet, timeoutField } from './haproxy-setup.ts';
import {
  encodeArgument,
  formatSocketAddress,
  isDenied,
  parseSocketAddress,
  type RuntimeCommand,
  runCommand,
  runCommands,
  type SocketAddress,
} from './haproxy-socket.ts';
import type { BlockAction, ImpactProbe, Target, TargetKind, TargetPreview } from './target.ts';

const fields: readonly Field[] = [
  {
    key: 'socket',
    label: 'Runtime socket',
    help: 'HAProxy’s “stats socket”: a path, or address:port. A remote one should be reached through a tunnel: it has no sign-in of its own.',
    type: 'text',
    required: true,
    default: '/run/haproxy/admin.sock',
    placeholder: '/run/haproxy/admin.sock',
  },
  {
    key: 'mapName',
    label: 'Map',
    help: 'The map as HAProxy’s configuration names it. It belongs to Watchfloor alone.',
    type: 'text',
    required: true,
    default: '/etc/haproxy/watchfloor.map',
  },
  {
    key: 'table',
    label: 'Stick table',
    help: 'The table that counts clients, for “would have hit” in previews. Empty: previews say not known.',
    type: 'text',
    required: false,
    default: null,
    placeholder: 'the name of the frontend that holds it',
  },
  {
    key: 'mapFile',
    label: 'Map file on this machine',
    help: 'Where the map’s file can be written, so that blocks survive a reload. Empty: the map’s own path when the socket is a local one.',
    type: 'path',
    required: false,
    default: null,
    group: 'Reload',
  },
  {
    key: 'configurationFile',
    label: 'Configuration on this machine',
    help: 'haproxy.cfg, if it can be read here: the test then checks that the rule is really in it.',
    type: 'path',
    required: false,
    default: null,
    placeholder: '/etc/haproxy/haproxy.cfg',
    group: 'Reload',
  },
  timeoutField,
];

const descriptor: Descriptor = {
  kind: 'haproxy',
  role: 'target',
  name: 'HAProxy',
  summary: 'Blocks addresses and networks through HAProxy’s runtime API; every block ends by itself.',
  mode: 'target',
  userAddable: true,
  fields: [...fields],
  setup: [
    socketSnippet,
    {
      title: 'An empty map file, once',
      language: 'sh',
      text: 'install -m 664 /dev/null {{mapName}}',
    },
    {
      title: 'Refuse blocked clients with 403 (HTTP frontend)',
      language: 'haproxy',
      text: '  # The map’s value is the end of the block in epoch seconds: it ends with nobody connected.\n  http-request set-var(txn.until) src,map_ip({{mapName}},0)\n  http-request set-var(txn.now) date\n  http-request deny deny_status 403 if { var(txn.until),sub(txn.now) -m int gt 0 }',
    },
    {
      title: 'Or drop their connections (any frontend, cheaper under attack)',
      language: 'haproxy',
      text: '  tcp-request connection set-var(sess.until) src,map_ip({{mapName}},0)\n  tcp-request connection set-var(sess.now) date\n  tcp-request connection reject if { var(sess.until),sub(sess.now) -m int gt 0 }',
    },
    {
      title: 'Count clients for previews and top talkers (HTTP frontend, before the rules above)',
      language: 'haproxy',
      text: countClientsText,
    },
  ],
};

/** HAProxy takes a command of at most its buffer size, 16 KiB unless told otherwise; a payload stays well below. */
const payloadBytes = 4_096;
const removalsAtOnce = 50;

/** Blocks nothing: an address for documentation (RFC 5737), ended in 1970. Written and taken away by the test. */
const probeKey = '192.0.2.1';
const probeExpiry = '1';

/** Changes to one map go one after another, whichever object asks for them. */
const queues = new Map<string, Promise<unknown>>();

async function inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  const before = queues.get(key) ?? Promise.resolve();
  const mine = before.catch(() => undefined).then(work);
  queues.set(key, mine);
  try {
    return await mine;
  } finally {
    if (queues.get(key) === mine) queues.delete(key);
  }
}

/** Writes a file so that a crash leaves the old or the new text, never a mixture; mode and owner stay. */
async function replaceFile(path: string, text: string): Promise<void> {
  const real = await realpath(path);
  const before = await stat(real);
  const temporary = join(dirname(real), `.${basename(real)}.${process.pid}.new`);
  try {
    const file = await open(temporary, 'w', before.mode & 0o777);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(temporary, before.mode & 0o777);
    if (process.getuid?.() === 0) await chown(temporary, before.uid, before.gid);
    await rename(temporary, real);
    const folder = await open(dirname(real), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

async function canReplace(path: string): Promise<boolean> {
  try {
    const real = await realpath(path);
    await access(real, constants.R_OK | constants.W_OK);
    await access(dirname(real), constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function createHaproxyTarget(settings: Settings): Target {
  const checked = checkSettings(fields, settings);
  const socket = parseSocketAddress(checked.text('socket'));
  if (socket === null) {
    throw badSetting(fields, 'socket', 'a path that begins with / or address:port is needed.');
  }
  if (socket.kind === 'tcp' && isIP(socket.host) === 0) {
    throw badSetting(
      fields,
      'socket',
      'give the address as numbers, not a name: it is kept from ever being blocked, and a name may change.',
    );
  }
  const address: SocketAddress = socket;
  const word = (key: string): string => {
    const text = checked.text(key);
    if (text === '') return text;
    try {
      return encodeArgument(text);
    } catch {
      throw badSetting(fields, key, 'only letters, digits and _ @ % + = : , . / # ~ - are possible.');
    }
  };
  const mapName = word('mapName');
  const table = word('table');
  const configurationFile = checked.text('configurationFile');
  const limits = { timeoutMs: checked.number('timeoutSeconds') * secondMs };
  // A path that HAProxy uses on another machine may by chance exist here too: only a local socket vouches for it.
  const mapFile =
    checked.text('mapFile') !== ''
      ? checked.text('mapFile')
      : address.kind === 'unix' && isAbsolute(mapName)
        ? mapName
        : null;
  const queueKey = `${formatSocketAddress(address)} ${mapName}`;

  const command = (io: ConnectionIo, ...words: readonly string[]) =>
    runCommand(address, { words }, io, limits);

  async function readRows(io: ConnectionIo): Promise<readonly MapRow[]> {
    const answer = await command(io, 'show', 'map', mapName);
    if (/^Unknown map identifier/i.test(answer)) {
      throw new WatchfloorError(
        'refused',
        `HAProxy has no map ${mapName}: add the lines under “Set up” to its configuration and reload it.`,
      );
    }
    if (isDenied(answer)) {
      throw new WatchfloorError(
        'refused',
        `HAProxy does not let us read its maps: “${quoteForSentence(answer, 120)}”.`,
      );
    }
    return parseMapRows(answer, 'runtime');
  }

  /** Changes answer with nothing; whatever else comes is HAProxy's reason for not doing it. */
  async function change(io: ConnectionIo, runtimeCommand: RuntimeCommand): Promise<void> {
    const answer = await runCommand(address, runtimeCommand, io, limits);
    if (answer.trim() !== '') {
      throw new WatchfloorError('refused', `HAProxy refused: “${quoteForSentence(answer, 160)}”.`);
    }
  }

  function commandFor(step: Exclude<MapChange, { type: 'add' }>): RuntimeCommand {
    return step.type === 'set'
      ? { words: ['set', 'map', mapName, step.key, String(step.expirySeconds)] }
      : { words: ['del', 'map', mapName, step.key] };
  }

  /** Additions go as one payload, which HAProxy takes in one step; long ones in as few as its buffer allows. */
  function commandsFor(
    changes: readonly MapChange[],
  ): readonly { command: RuntimeCommand; changes: MapChange[] }[] {
    const commands: { command: RuntimeCommand; changes: MapChange[] }[] = [];
    let payload: string[][] = [];
    let additions: MapChange[] = [];
    let bytes = 0;
    const flush = () => {
      if (payload.length > 0)
        commands.push({ command: { words: ['add', 'map', mapName], payload }, changes: additions });
      payload = [];
      additions = [];
      bytes = 0;
    };
    for (const step of changes) {
      if (step.type !== 'add') continue;
      const line = [step.key, String(step.expirySeconds)];
      bytes += line.join(' ').length + 1;
      if (bytes > payloadBytes) {
        flush();
        bytes = line.join(' ').length + 1;
      }
      payload.push(line);
      additions.push(step);
    }
    flush();
    for (const step of changes) {
      if (step.type === 'set') commands.push({ command: commandFor(step), changes: [step] });
    }
    // What is narrower and ends earlier goes last, when the wider block already stands.
    for (const step of changes) {
      if (step.type === 'remove') commands.push({ command: commandFor(step), changes: [step] });
    }
    return commands;
  }

  /** Takes back what was done, in reverse, as far as the map shows it. */
  async function rollBack(io: ConnectionIo, attempted: readonly MapChange[]): Promise<void> {
    const rows = await readRows(io);
    const has = (key: string) => rows.some((row) => row.key === key);
    for (const step of attempted.toReversed()) {
      if (step.type === 'add' && has(step.key)) {
        await change(io, { words: ['del', 'map', mapName, step.key] });
      } else if (step.type === 'set' && has(step.key)) {
        await change(io, { words: ['set', 'map', mapName, step.key, String(step.previousSeconds)] });
      } else if (step.type === 'remove' && !has(step.key)) {
        await change(io, { words: ['add', 'map', mapName, step.key, String(step.previousSeconds)] });
      }
    }
  }

  async function perform(io: ConnectionIo, changes: readonly MapChange[]): Promise<void> {
    const attempted: MapChange[] = [];
    try {
      for (const step of commandsFor(changes)) {
        attempted.push(...step.changes);
        await change(io, step.command);
      }
    } catch (thrown) {
      const data = toErrorData(thrown);
      try {
        await rollBack(io, attempted);
      } catch {
        throw new WatchfloorError(
          'unavailable',
          `${data.message} Whether a part of the change is in force is not known; the target is read again.`,
          data.details,
        );
      }
      throw thrown;
    }
  }

  /** Brings the map's file to what the action made of the running map, worked out from the file itself. */
  async function persist(
    io: ConnectionIo,
    plan: (rows: readonly MapRow[]) => readonly MapChange[],
  ): Promise<void> {
    if (mapFile === null || !(await canReplace(mapFile))) return;
    try {
      const before = await readFile(mapFile, 'utf8');
      const after = editMapFile(before, plan(parseMapRows(before, 'file')));
      if (after !== before) await replaceFile(mapFile, after);
    } catch (thrown) {
      const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown reason';
      io.log(
        'warning',
        `The map file ${mapFile} could not be written (${reason}): HAProxy’s next reload will not know this change.`,
      );
    }
  }

  function checkAction(action: BlockAction): void {
    for (const entry of action.entries) {
      if (!parseNetwork(entry.entry).ok) {
        throw new WatchfloorError(
          'bad-input',
          `“${quoteForSentence(entry.entry, 60)}” is no address and no network.`,
        );
      }
      if (!Number.isFinite(entry.expiresMs) || entry.expiresMs <= 0) {
        throw new WatchfloorError('bad-input', `The block of ${entry.entry} has no end.`);
      }
    }
  }

  const status = async (action: BlockAction, io: ConnectionIo) => readStatus(await readRows(io), action);

  return {
    async preview(action, io): Promise<TargetPreview> {
      checkAction(action);
      const plan = planApply(await readRows(io), action);
      const ends = Math.max(...action.entries.map((entry) => entry.expiresMs));
      const survives = mapFile !== null && (await canReplace(mapFile));
      return {
        diff: describePlan(plan, mapName),
        endKeptByTarget: true,
        endSentence: `HAProxy compares the end with its own clock and lets the clients in again at ${formatUtc(ends)}, also when Watchfloor is closed.`,
        undoSentence: `Undo takes these rows out of ${mapName}; it works at once.`,
        survivesReload: survives ? 'yes' : 'no',
      };
    },
    apply: (action, io) =>
      inTurn(queueKey, async () => {
        checkAction(action);
        await perform(io, planApply(await readRows(io), action).changes);
        await persist(io, (rows) => planApply(rows, action).changes);
      }),
    verify: status,
    revert: (action, io) =>
      inTurn(queueKey, async () => {
        checkAction(action);
        const changes = planRevert(await readRows(io), action);
        for (let first = 0; first < changes.length; first += removalsAtOnce) {
          const commands = changes
            .slice(first, first + removalsAtOnce)
            .map((step) => ({ words: ['del', 'map', mapName, step.key] }));
          const answer = await runCommands(address, commands, io, limits);
          // What is gone already is as wanted.
          const refused = answer
            .split('\n')
            .find((line) => line.trim() !== '' && !/^Key not found/i.test(line));
          if (refused !== undefined) {
            throw new WatchfloorError('refused', `HAProxy refused: “${quoteForSentence(refused, 160)}”.`);
          }
        }
        await persist(io, (rows) => planRevert(rows, action));
      }),
    list: async (io) => listBlocks(await readRows(io)),
    async impact(io): Promise<ImpactProbe | null> {
      if (table === '') return null;
      const parsed = parseTable(await command(io, 'show', 'table', table, 'data.http_req_rate', 'gt', '0'));
      if (parsed === null) return null;
      const clients = parsed.rows.flatMap((row) => {
        const rate = row.values.get('http_req_rate');
        return rate === undefined || rate.periodMs === null
          ? []
          : [{ address: row.address, requests: rate.value, usual: null, periodMs: rate.periodMs }];
      });
      const windowMs = clients[0]?.periodMs ?? 60 * secondMs;
      return {
        windowMs,
        clients: clients.map(({ periodMs: _periodMs, ...client }) => client),
        totalRequests: clients.reduce((sum, client) => sum + client.requests, 0),
        // A rate of HAProxy's is a sliding estimate over its period.
        estimated: true,
      };
    },
    test: (io) => testTarget(io),
    managementAddresses: () =>
      address.kind === 'tcp' && ipaddr.isValid(address.host) ? [ipaddr.parse(address.host).toString()] : [],
  };

  async function testTarget(io: ConnectionIo): Promise<TestResult> {
    const lines: TestResult['lines'] = [];
    const tell = (level: TestResult['lines'][number]['level'], text: string) => lines.push({ level, text });
    try {
      const info = parseInfo(await command(io, 'show', 'info'));
      const version = info.get('Version');
      if (version === undefined) {
        tell('error', `What answers at ${formatSocketAddress(address)} is no HAProxy runtime socket.`);
        return { ok: false, lines };
      }
      tell('ok', `HAProxy ${quoteForSentence(version, 40)} answers at ${formatSocketAddress(address)}.`);
      const major = /^(\d+)\.(\d+)/.exec(version);
      if (major !== null && Number(major[1]) * 100 + Number(major[2]) < 204) {
        tell('warning', 'This works with HAProxy 2.4 and later; older ones were not tried.');
      }
      const rows = await readRows(io);
      const blocks = rows.filter((row) => row.expirySeconds * secondMs > io.nowMs()).length;
      tell('ok', `The map ${mapName} is there: ${blocks} in force, ${rows.length - blocks} ended.`);
      await testMap(io, tell);
      await testRule(io, tell);
      await testTable(io, tell);
      await testFile(tell);
    } catch (thrown) {
      tell('error', toErrorData(thrown).message);
    }
    return { ok: lines.every((line) => line.level !== 'error'), lines };
  }

  type Tell = (level: TestResult['lines'][number]['level'], text: string) => void;

  async function testMap(io: ConnectionIo, tell: Tell): Promise<void> {
    const lookup = await command(io, 'get', 'map', mapName, probeKey);
    if (!lookup.includes('type=ip')) {
      tell('error', `${mapName} is not looked up by address: the rule has to use map_ip.`);
      return;
    }
    await inTurn(queueKey, async () => {
      await change(io, { words: ['add', 'map', mapName, probeKey, probeExpiry] });
      const there = (await command(io, 'get', 'map', mapName, probeKey)).includes(`value="${probeExpiry}"`);
      await change(io, { words: ['del', 'map', mapName, probeKey] });
      tell(
        there ? 'ok' : 'error',
        there
          ? `The map can be changed (tried with ${probeKey}, an address for documentation, ended in 1970; taken away again).`
          : 'HAProxy took a change of the map without a word and did not make it.',
      );
    });
  }

  async function testRule(io: ConnectionIo, tell: Tell): Promise<void> {
    const maps = await command(io, 'show', 'map');
    const line =
      maps
        .split('\n')
        .find((candidate) => candidate.includes(` used by map `) && candidate.includes(`'${mapName}'`)) ??
      maps.split('\n').find((candidate) => candidate.includes(mapName));
    const uses = [...(line ?? '').matchAll(/by map at file '([^']+)' line (\d+)/g)];
    if (uses.length === 0) {
      tell(
        'error',
        `No rule of HAProxy’s configuration looks into ${mapName}: add the lines under “Set up”.`,
      );
      return;
    }
    const where = uses.map((use) => `${use[1]} line ${use[2]}`).join(', ');
    const path = configurationFile !== '' ? configurationFile : (uses[0]?.[1] ?? '');
    const local = configurationFile !== '' || (address.kind === 'unix' && isAbsolute(path));
    const text = local ? await readFile(path, 'utf8').catch(() => null) : null;
    if (text === null) {
      tell('ok', `The map is used at ${where}.`);
      tell(
        'warning',
        'Whether a rule compares its value with the time could not be checked: the configuration cannot be read here. Compare it with the lines under “Set up”.',
      );
      return;
    }
    const rules = text.split('\n').map((rule) => rule.replace(/(^|\s)#.*/, '').trim());
    const variables = rules.flatMap((rule) => {
      const match = /set-var\(([\w.]+)\)\s+src,map_ip\(([^,)]+)/.exec(rule);
      return match?.[2] === mapName && match[1] !== undefined ? [match[1]] : [];
    });
    const enforcing = rules.filter(
      (rule) =>
        /\b(deny|reject|silent-drop|tarpit)\b/.test(rule) &&
        variables.some((name) => rule.includes(`var(${name}),sub(`)) &&
        /-m int gt 0/.test(rule),
    );
    if (enforcing.length > 0) {
      tell(
        'ok',
        `The rule that ends blocks by itself is in ${path}: “${quoteForSentence(enforcing[0] ?? '', 120)}”.`,
      );
    } else {
      tell(
        'error',
        `${path} looks into the map but has no rule that compares its value with the time: blocks would not work, or would not end. Use the lines under “Set up”.`,
      );
    }
  }

  async function testTable(io: ConnectionIo, tell: Tell): Promise<void> {
    if (table === '') {
      tell('info', 'No stick table is named: previews cannot say what a block would have hit.');
      return;
    }
    const parsed = parseTable(await command(io, 'show', 'table', table));
    if (parsed === null) {
      tell('warning', `There is no stick table ${table}: previews will say “not known”.`);
      return;
    }
    const first = parsed.rows[0];
    if (first !== undefined && !first.values.has('http_req_rate')) {
      tell(
        'warning',
        `The stick table ${table} does not store http_req_rate: previews will say “not known”.`,
      );
      return;
    }
    tell('ok', `The stick table ${table} has ${parsed.used} of at most ${parsed.size} clients.`);
  }

  async function testFile(tell: Tell): Promise<void> {
    if (mapFile === null) {
      tell(
        'warning',
        'Blocks are lost at HAProxy’s reload: the map’s file is not on this machine. A loss is noticed and said.',
      );
    } else if (await canReplace(mapFile)) {
      tell('ok', `Blocks survive a reload: ${mapFile} can be written.`);
    } else {
      tell(
        'warning',
        `Blocks are lost at HAProxy’s reload: ${mapFile} and its folder cannot be written by this account. A loss is noticed and said.`,
      );
    }
  }
}

/** Timed blocks on HAProxy 2.4 and later. */
export const haproxyTargetKind: TargetKind = { descriptor, create: createHaproxyTarget };
