/**
 * Makes one compact file of the two data sets that npm packages bring: which network announces an address, and in which
 * country a registry has it registered.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ipaddr from 'ipaddr.js';
import { encodeAddressTable } from '../core/address-table.ts';
import { root } from './setup.mjs';

/** @typedef {import('../core/address-table.ts').OriginRange} OriginRange */

const folder = join(root, 'node_modules', '@ip-location-db');

/**
 * An address as a number; of IPv6 its first 64 bits.
 * @param {string} text
 * @returns {bigint}
 */
function numberOf(text) {
  return ipaddr
    .parse(text)
    .toByteArray()
    .slice(0, 8)
    .reduce((number, byte) => number * 256n + BigInt(byte), 0n);
}

/**
 * A field of a line of CSV: quotes around it, and doubled within, are taken off.
 * @param {string} field
 */
function unquoted(field) {
  return field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
}

/**
 * @param {string} name the package and how its files begin
 * @param {4 | 6} family
 * @param {(rest: string) => OriginRange['origin']} toOrigin what stands after the two ends of a range
 * @returns {OriginRange[]}
 */
function rangesOf(name, family, toOrigin) {
  const text = readFileSync(join(folder, name, `${name}-ipv${family}.csv`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const first = line.indexOf(',');
      const second = line.indexOf(',', first + 1);
      return {
        from: numberOf(line.slice(0, first)),
        to: numberOf(line.slice(first + 1, second)),
        origin: toOrigin(line.slice(second + 1)),
      };
    });
}

/** @param {4 | 6} family */
function allRanges(family) {
  return [
    ...rangesOf('asn', family, (rest) => {
      const comma = rest.indexOf(',');
      return { asn: Number(rest.slice(0, comma)), asName: unquoted(rest.slice(comma + 1)) };
    }),
    ...rangesOf('asn-country', family, (country) => ({ country })),
  ];
}

/**
 * The file's bytes.
 * @returns {Buffer}
 */
export function makeAddressData() {
  const { version } = JSON.parse(readFileSync(join(folder, 'asn', 'package.json'), 'utf8'));
  // Versions end with the day and hour of the data: 2.3.2026061719.
  const [, year, month, day] = /\.(\d{4})(\d\d)(\d\d)\d*$/.exec(version) ?? [];
  return encodeAddressTable({
    made: `${year}-${month}-${day}`,
    notice: 'RouteViews (routeviews.org), DB-IP (db-ip.com) and NRO (nro.net), CC BY 4.0',
    v4: allRanges(4),
    v6: allRanges(6),
  });
}
