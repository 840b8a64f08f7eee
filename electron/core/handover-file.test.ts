import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../shared/domain/entry-chain.ts';
import { uniform } from '../../shared/testing/random.ts';
import { occurrence, startMs, testSource } from '../db/testing.ts';
import { readHandoverBytes } from './handover-file.ts';
import { bytesOf, signed, take, type Workstation, workstation } from './handover-testing.ts';

let home: Workstation;
let away: Workstation;
beforeEach(() => {
  home = workstation('Ada');
  away = workstation('Bo', startMs + 60_000);
});
afterEach(() => {
  home.close();
  away.close();
});

describe('a handover’s file', () => {
  async function countersignedFile(): Promise<Buffer> {
    home.store.alerts.ingest(testSource, [occurrence({ title: 'Flood' })], startMs);
    const { row } = await signed(home);
    await take(away, bytesOf(home, row.id));
    away.handovers.countersign(away.writer, row.id, { withOpen: true, remark: 'Seen.' });
    return bytesOf(away, row.id);
  }

  it('is refused whatever byte is changed, put in, taken out or cut off', async () => {
    const file = await countersignedFile();
    expect(readHandoverBytes(file).problems).toEqual([]);
    let drawn = 0;
    const at = (most: number) => Math.floor(uniform(20_260_304, drawn++) * most);
    const tried = { flip: 0, replace: 0, insert: 0, remove: 0, cut: 0, swap: 0 };
    const names = Object.keys(tried) as (keyof typeof tried)[];
    for (let round = 0; round < 3_000; round += 1) {
      const name = names[round % names.length] ?? 'flip';
      const place = at(file.length);
      const byte = file[place] ?? 0;
      let changed = Buffer.from(file);
      if (name === 'flip') changed[place] = byte ^ (1 << at(8));
      if (name === 'replace') changed[place] = at(256);
      if (name === 'insert')
        changed = Buffer.concat([file.subarray(0, place), Buffer.from([at(256)]), file.subarray(place)]);
      if (name === 'remove') changed = Buffer.concat([file.subarray(0, place), file.subarray(place + 1)]);
      if (name === 'cut') changed = Buffer.from(file.subarray(0, place));
      if (name === 'swap') {
        const other = at(file.length);
        changed[place] = file[other] ?? 0;
        changed[other] = byte;
      }
      if (changed.equals(file)) continue;
      tried[name] += 1;
      expect(readHandoverBytes(changed).problems.length, `${name} at ${place}`).toBeGreaterThan(0);
    }
    for (const count of Object.values(tried)) expect(count).toBeGreaterThan(400);
  });

  it('has one spelling: every single bit of its signatures and keys counts', async () => {
    const file = await countersignedFile();
    const text = file.toString();
    for (const found of text.matchAll(/"(?:signature|publicKey)":"([^"]+)"/g)) {
      const from = found.index + found[0].length - 1 - (found[1]?.length ?? 0);
      for (let place = from; place < from + (found[1]?.length ?? 0); place += 1) {
        for (let bit = 0; bit < 8; bit += 1) {
          const changed = Buffer.from(file);
          changed[place] = (changed[place] ?? 0) ^ (1 << bit);
          expect(readHandoverBytes(changed).problems.length, `${place}.${bit}`).toBeGreaterThan(0);
        }
      }
    }
  });

  it('is refused in words where it is hostile, and nothing is taken in', async () => {
    const file = await countersignedFile();
    const text = file.toString();
    const value = JSON.parse(text);
    const inside = (change: (copy: typeof value) => void) => {
      const copy = structuredClone(value);
      change(copy);
      return canonicalJson(copy);
    };
    const hostile: Readonly<Record<string, string | Buffer>> = {
      nothing: '',
      'not JSON': '{',
      'not UTF-8': Buffer.from([0x7b, 0xff, 0x7d]),
      'a mark of byte order': `\ufeff${text}`,
      'a line feed at its end': `${text}\n`,
      'a space': text.replace('":', '": '),
      'an escaped letter': text.replace('Flood', '\\u0046lood'),
      'a key twice': text.replace(
        '{"countersignatures"',
        '{"format":"watchfloor-handover","countersignatures"',
      ),
      prototype: `{"__proto__":{},${text.slice(1)}`,
      'too deep': `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
      'too large': Buffer.alloc(5 * 1024 * 1024, 0x20),
      'a huge number': text.replace(/"madeMs":\d+/, '"madeMs":1e999'),
      'a later version': inside((copy) => (copy.version = 2)),
      'another member': inside((copy) => (copy.pack.more = 1)),
      'parts in another order': inside((copy) => copy.pack.parts.reverse()),
      'no signature': inside((copy) => delete copy.signature),
      'a signature of somebody else': inside((copy) => {
        copy.signature.publicKey = copy.countersignatures[0].publicKey;
      }),
      'the countersignature of another handover': inside((copy) => {
        copy.countersignatures[0].answers[0].state = 'ticked';
      }),
      'a countersignature twice': inside((copy) => copy.countersignatures.push(copy.countersignatures[0])),
      'a thousand countersignatures': inside((copy) => {
        copy.countersignatures = Array(1_000).fill(copy.countersignatures[0]);
      }),
    };
    const third = workstation('Cleo');
    for (const [name, bytes] of Object.entries(hostile)) {
      const buffer = Buffer.from(bytes as string);
      const problems = readHandoverBytes(buffer).problems;
      expect(problems.length, name).toBeGreaterThan(0);
      await expect(take(third, buffer), name).rejects.toThrow('Nothing was taken in');
    }
    expect([third.handovers.list(), third.store.audit.list(10)]).toEqual([[], []]);
    third.close();
  });

  it('is read from a path only where it is a file, and written whole', async () => {
    const { row } = await signed(home);
    const folder = join(home.store.dataDirectory, 'out');
    mkdirSync(folder);
    const path = join(folder, 'night.wfhandover');
    expect(await home.handovers.export(row.id, { path, replaces: false })).toEqual({
      path,
      sizeBytes: bytesOf(home, row.id).length,
    });
    expect(readFileSync(path)).toEqual(bytesOf(home, row.id));
    expect(await away.handovers.import(away.writer, { path })).toMatchObject({ isNew: true });
    const huge = join(folder, 'huge.wfhandover');
    writeFileSync(huge, '');
    truncateSync(huge, 8 * 1024 ** 3);
    const link = join(folder, 'link.wfhandover');
    symlinkSync('/dev/zero', link);
    for (const hostile of [huge, link, folder, join(folder, 'nowhere')]) {
      await expect(away.handovers.import(away.writer, { path: hostile })).rejects.toThrow();
    }
    const over = (replaces: boolean) => home.handovers.export(row.id, { path, replaces });
    await expect(over(false)).rejects.toThrow('there already');
    expect(await over(true)).toMatchObject({ path });
    await expect(home.handovers.export(row.id, { path: folder, replaces: true })).rejects.toThrow(
      'not a file',
    );
  });

  it('with a known id and other contents changes nothing', async () => {
    const { row } = await signed(home);
    const forger = workstation('Eve');
    const text = home.handovers.text(row.id).text;
    const forged = await signed(forger);
    const file = Buffer.from(forger.handovers.text(forged.row.id).text);
    // The same id under another key: a forger can make one, and it verifies by itself.
    forger.store.handovers.saveDraft(
      { pack: { ...forged.pack, id: row.id }, revision: 1, nextShiftHours: 8 },
      0,
    );
    forger.handovers.sign(forger.writer, row.id, 1);
    await expect(take(home, bytesOf(forger, row.id))).rejects.toThrow('Another handover with this id');
    expect(home.handovers.text(row.id).text).toBe(text);
    expect(await take(home, file)).toMatchObject({ isNew: true });
    forger.close();
  });
});
