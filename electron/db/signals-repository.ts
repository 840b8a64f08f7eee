import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { BaselineState, Layer, Measure, Signal, Stage } from '../../shared/domain/signal.ts';
import { unassignedCustomerName } from './customers-repository.ts';
import { found, type RepositoryTools, storedText } from './repository.ts';
import { type Sql, sql } from './sql.ts';
import type { CustomersRepository, ServicesRepository, SignalsRepository } from './store.ts';

interface SignalRow {
  readonly number: number;
  readonly id: string;
  readonly source_id: string;
  readonly key: string;
  readonly customer_id: string;
  readonly service_id: string;
  readonly stage: Stage;
  readonly layer: Layer;
  readonly measure: Measure;
  readonly name: string;
  readonly unit: string;
  readonly step_ms: number;
  readonly corrected: number;
  readonly baseline_state: BaselineState;
  readonly history_ms: number;
  readonly last_sample_ms: number | null;
}

const toSignal = (row: SignalRow): Signal => ({
  id: row.id,
  sourceId: row.source_id,
  key: row.key,
  customerId: row.customer_id,
  serviceId: row.service_id,
  stage: row.stage,
  layer: row.layer,
  measure: row.measure,
  name: row.name,
  unit: row.unit,
  stepMs: row.step_ms,
  baselineState: row.baseline_state,
  historyMs: row.history_ms,
  lastSampleMs: row.last_sample_ms,
});

export function createSignalsRepository(
  { database, newId, mappingChanged }: RepositoryTools,
  customers: CustomersRepository,
  services: ServicesRepository,
): SignalsRepository {
  const one = (where: Sql) => database.get<SignalRow>(sql`SELECT * FROM signal ${where}`);
  const many = (where: Sql) => database.all<SignalRow>(sql`SELECT * FROM signal ${where}`).map(toSignal);
  const getOrNull = (where: Sql): Signal | null => {
    const row = one(where);
    return row === undefined ? null : toSignal(row);
  };
  const must = (id: string): Signal => found(getOrNull(sql`WHERE id = ${id}`), 'signal', id);

  return {
    upsertFromInput(sourceId, defaultCustomerId, input) {
      return database.transaction(() => {
        const customerId =
          input.customerName === null && defaultCustomerId !== null
            ? defaultCustomerId
            : customers.findOrCreateByName(input.customerName ?? unassignedCustomerName).id;
        const stepMs = Math.max(1, Math.round(input.stepMs));
        const name = storedText(input.name, 200);
        const unit = storedText(input.unit, 40);
        const known = one(sql`WHERE source_id = ${sourceId} AND key = ${input.key}`);
        if (known === undefined) {
          const service = services.findOrCreateByName(customerId, input.serviceName);
          const id = newId('si');
          database.run(
            sql`INSERT INTO signal (id, source_id, key, customer_id, service_id, stage, layer, measure, name, unit,
                  step_ms)
                VALUES (${id}, ${sourceId}, ${input.key}, ${customerId}, ${service.id}, ${input.stage},
                  ${input.layer}, ${input.measure}, ${name}, ${unit}, ${stepMs})`,
          );
          return { signal: must(id), change: 'created' };
        }
        if (known.corrected === 1) {
          if (known.step_ms === stepMs) return { signal: toSignal(known), change: 'none' };
          database.run(sql`UPDATE signal SET step_ms = ${stepMs} WHERE number = ${known.number}`);
          return { signal: must(known.id), change: 'changed' };
        }
        const service = services.findOrCreateByName(customerId, input.serviceName);
        const same =
          known.customer_id === customerId &&
          known.service_id === service.id &&
          known.stage === input.stage &&
          known.layer === input.layer &&
          known.measure === input.measure &&
          known.name === name &&
          known.unit === unit &&
          known.step_ms === stepMs;
        if (same) return { signal: toSignal(known), change: 'none' };
        database.run(
          sql`UPDATE signal SET customer_id = ${customerId}, service_id = ${service.id}, stage = ${input.stage},
                layer = ${input.layer}, measure = ${input.measure}, name = ${name}, unit = ${unit},
                step_ms = ${stepMs}
              WHERE number = ${known.number}`,
        );
        return { signal: must(known.id), change: 'changed' };
      });
    },
    // Signals of a source that was taken away keep their history but are no longer listed.
    list: () =>
      many(
        sql`WHERE NOT EXISTS (SELECT 1 FROM connection WHERE connection.id = signal.source_id AND removed = 1)
            ORDER BY number`,
      ),
    count: () =>
      database.get<{ readonly count: number }>(sql`SELECT count(*) AS count FROM signal`)?.count ?? 0,
    hasAny: (sourceId) =>
      database.get(sql`SELECT 1 FROM signal WHERE source_id = ${sourceId} LIMIT 1`) !== undefined,
    liveliest: (sourceId) =>
      getOrNull(
        sql`WHERE source_id = ${sourceId} AND last_sample_ms IS NOT NULL
            ORDER BY step_ms, last_sample_ms DESC, number LIMIT 1`,
      ),
    newestSampleMs: (sourceId) =>
      database.get<{ readonly newest: number | null }>(
        sql`SELECT max(last_sample_ms) AS newest FROM signal WHERE source_id = ${sourceId}`,
      )?.newest ?? null,
    get: (id) => getOrNull(sql`WHERE id = ${id}`),
    getByKey: (sourceId, key) => getOrNull(sql`WHERE source_id = ${sourceId} AND key = ${key}`),
    update(input) {
      return database.transaction(() => {
        must(input.id);
        const service = found(services.get(input.serviceId), 'service', input.serviceId);
        // A service names its customer: the two can never disagree.
        database.run(
          sql`UPDATE signal SET customer_id = ${service.customerId}, service_id = ${service.id},
                stage = ${input.stage}, layer = ${input.layer}, measure = ${input.measure},
                name = ${storedText(input.name, 200)}, unit = ${storedText(input.unit, 40)}, corrected = 1
              WHERE id = ${input.id}`,
        );
        mappingChanged();
        return must(input.id);
      });
    },
    setBaseline(id, baselineState, historyMs) {
      database.run(
        sql`UPDATE signal SET baseline_state = ${baselineState}, history_ms = ${Math.round(historyMs)}
            WHERE id = ${id}`,
      );
    },
    detectorState(id) {
      const row = database.get<{ readonly at_ms: number; readonly state: Buffer }>(
        sql`SELECT at_ms, state FROM signal_detector
            WHERE signal_number = (SELECT number FROM signal WHERE id = ${id})`,
      );
      if (row === undefined) return null;
      return { state: JSON.parse(zstdDecompressSync(row.state).toString()), atMs: row.at_ms };
    },
    setDetectorState(id, state, atMs) {
      const bytes = zstdCompressSync(JSON.stringify(state));
      database.run(
        sql`INSERT INTO signal_detector (signal_number, at_ms, state)
            SELECT number, ${Math.round(atMs)}, ${bytes} FROM signal WHERE id = ${id}
            ON CONFLICT (signal_number) DO UPDATE SET at_ms = excluded.at_ms, state = excluded.state`,
      );
    },
  };
}
