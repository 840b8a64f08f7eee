import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAddressData } from '../dev/address-data.mjs';
import { addressFile, createEnrichment } from './enrichment.ts';

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchfloor-addresses-'));
  path = join(folder, addressFile);
  writeFileSync(path, makeAddressData());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the data that ship', () => {
  it('know who announces well-known addresses and where they are registered', () => {
    const { originOf } = createEnrichment(path);
    const shown = (address: string) => {
      const origin = originOf(address);
      return origin && [origin.asn, origin.asName, origin.country];
    };
    expect(shown('8.8.8.8')).toEqual([15_169, 'Google LLC', 'US']);
    expect(shown('2001:4860:4860::8888')).toEqual([15_169, 'Google LLC', 'US']);
    expect(shown('193.0.6.139')).toEqual([
      3_333,
      'Reseaux IP Europeens Network Coordination Centre (RIPE NCC)',
      'NL',
    ]);
    expect(shown('2001:200::1')).toEqual([2_500, 'WIDE Project', 'JP']);
    expect(['10.0.0.1', '192.0.2.1', '::1', 'fe80::1', 'example.org'].map(shown)).toEqual(
      Array(5).fill(null),
    );
  });

  it('say of which day and whose they are', () => {
    expect(createEnrichment(path).source()).toEqual({
      made: '2026-06-17',
      notice: expect.stringMatching(/RouteViews.*DB-IP.*NRO.*CC BY 4\.0/),
    });
  });

  it('take about 10 MB, whatever is asked', () => {
    expect(makeAddressData().length).toBeLessThan(12_000_000);
  });
});

describe('without data', () => {
  it('nothing is known, and that is no failure', () => {
    const problems: string[] = [];
    const missing = createEnrichment(join(folder, 'missing.bin'), (problem) => problems.push(problem));
    expect([missing.originOf('8.8.8.8'), missing.source(), problems]).toEqual([null, null, []]);
  });

  it('what cannot be read is told once', () => {
    const damaged = join(folder, 'damaged.bin');
    writeFileSync(damaged, 'WFADDR1\nnonsense');
    const problems: string[] = [];
    const { originOf } = createEnrichment(damaged, (problem) => problems.push(problem));
    expect([originOf('8.8.8.8'), originOf('9.9.9.9'), problems.length]).toEqual([null, null, 1]);
  });
});
