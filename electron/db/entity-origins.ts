import { asnOfEntity, countryOfEntity } from '../../shared/domain/enrichment.ts';
import type { Entity } from '../../shared/domain/entity.ts';
import type { RepositoryTools } from './repository.ts';
import { sql } from './sql.ts';
import type { SettingsRepository } from './store.ts';

const settingKey = 'entity-origins';
/** Looked at in one transaction: some milliseconds. */
const entitiesAStep = 1_000;

interface Located {
  /** The day of the data. */
  readonly made: string;
  /** Entities up to this one have the origins of these data; null when all have. */
  readonly upToId: number | null;
}

interface EntityRow {
  readonly id: number;
  readonly kind: Entity['kind'];
  readonly value: string;
  readonly asn: number | null;
  readonly country: string | null;
}

function isLocated(value: unknown): value is Located {
  return typeof value === 'object' && value !== null && 'made' in value && 'upToId' in value;
}

/**
 * Gives entities that are there the origins of the data of now, where they came before these: with an older version, or
 * with none. In steps that survive a crash; new entities come with theirs. Gives after each step how many it changed.
 */
export function* locateEntities(
  { database, enrichment }: RepositoryTools,
  settings: SettingsRepository,
): Generator<number, void, void> {
  const source = enrichment.source();
  if (source === null) {
    settings.remove(settingKey);
    return;
  }
  const stored = settings.get(settingKey);
  const before = isLocated(stored) && stored.made === source.made ? stored : null;
  if (before !== null && before.upToId === null) return;
  const update = database.prepare(sql`UPDATE entity SET asn = ?, country = ? WHERE id = ?`);
  for (let upToId: number | null = before?.upToId ?? 0; upToId !== null; ) {
    const from: number = upToId;
    const rows = database.all<EntityRow>(
      sql`SELECT id, kind, value, asn, country FROM entity WHERE id > ${from} ORDER BY id LIMIT ${entitiesAStep}`,
    );
    upToId = rows.length < entitiesAStep ? null : (rows.at(-1)?.id ?? null);
    const next: Located = { made: source.made, upToId };
    yield database.transaction(() => {
      let changed = 0;
      for (const row of rows) {
        const asn = asnOfEntity(row, enrichment.originOf);
        const country = countryOfEntity(row, enrichment.originOf);
        if (asn === row.asn && country === row.country) continue;
        update.run(asn, country, row.id);
        changed += 1;
      }
      settings.set(settingKey, next);
      return changed;
    });
  }
}
