import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AddressOrigin, type Enrichment, lookedUpBytes } from '../../shared/domain/enrichment.ts';
import { appPaths } from '../app-paths.ts';
import { type AddressTable, openAddressTable } from './address-table.ts';

/** The file of the data in the resources of a build. */
export const addressFile = 'addresses.bin';

/** Looked up lately: entities of a flood are the same few. */
const mostRemembered = 4_096;

/**
 * Opens the data at the first look-up, not before: some 10 MB that stay in memory.
 * @param path the data; a checkout that was not built has none, and nothing is known then
 * @param onProblem told once when they cannot be read
 */
export function createEnrichment(
  path: string = join(appPaths(import.meta.dirname).resources, addressFile),
  onProblem: (problem: string) => void = () => undefined,
): Enrichment {
  let table: AddressTable | null | undefined;
  const remembered = new Map<string, AddressOrigin | null>();

  function open(): AddressTable | null {
    if (table !== undefined) return table;
    table = null;
    try {
      if (existsSync(path)) table = openAddressTable(readFileSync(path));
    } catch (thrown) {
      onProblem(`Where addresses come from is not known: ${thrown instanceof Error ? thrown.message : ''}`);
    }
    return table;
  }

  return {
    originOf(address) {
      const known = remembered.get(address);
      if (known !== undefined) return known;
      const bytes = lookedUpBytes(address);
      const origin = bytes === null ? null : (open()?.originOf(bytes) ?? null);
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(address, origin);
      return origin;
    },
    source() {
      const opened = open();
      return opened === null ? null : { made: opened.made, notice: opened.notice };
    },
  };
}
