import type { Tlp } from '../../shared/domain/case.ts';
import { type Customer, defaultNoiseBudget, type Service } from '../../shared/domain/customer.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { found, nameKey, type RepositoryTools, storedText } from './repository.ts';
import { type Sql, sql } from './sql.ts';
import type { CustomersRepository, ServicesRepository } from './store.ts';

/** Whom things belong to that no source and no person gave to anybody. */
export const unassignedCustomerName = 'Unassigned';

interface CustomerRow {
  readonly id: string;
  readonly name: string;
  readonly own_ranges: string;
  readonly default_tlp: Tlp;
  readonly noise_budget: number;
}

function refuseSameName(taken: boolean, what: string, name: string): void {
  if (taken) throw new WatchfloorError('conflict', `There is already a ${what} called ${name}.`);
}

export function createCustomersRepository({
  database,
  newId,
  simulated,
  mappingChanged,
}: RepositoryTools): CustomersRepository {
  const select = sql`SELECT id, name, own_ranges, default_tlp, noise_budget FROM customer`;
  const toCustomer = (row: CustomerRow): Customer => ({
    id: row.id,
    name: row.name,
    ownRanges: JSON.parse(row.own_ranges),
    defaultTlp: row.default_tlp,
    noiseBudget: row.noise_budget,
    simulated,
  });
  const one = (where: Sql): Customer | null => {
    const row = database.get<CustomerRow>(sql`${select} ${where}`);
    return row === undefined ? null : toCustomer(row);
  };
  return {
    list: () => database.all<CustomerRow>(sql`${select} ORDER BY position`).map(toCustomer),
    get: (id) => one(sql`WHERE id = ${id}`),
    save(customer) {
      const name = storedText(customer.name.trim(), 120);
      const id = customer.id ?? newId('cu');
      return database.transaction(() => {
        const same = one(sql`WHERE name_key = ${nameKey(name)}`);
        refuseSameName(same !== null && same.id !== id, 'customer', name);
        database.run(
          sql`INSERT INTO customer (id, name, name_key, own_ranges, default_tlp, noise_budget)
              VALUES (${id}, ${name}, ${nameKey(name)}, ${JSON.stringify(customer.ownRanges)}, ${customer.defaultTlp},
                ${customer.noiseBudget})
              ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key,
                own_ranges = excluded.own_ranges, default_tlp = excluded.default_tlp,
                noise_budget = excluded.noise_budget`,
        );
        if (customer.id !== null) mappingChanged();
        return found(one(sql`WHERE id = ${id}`), 'customer', id);
      });
    },
    findOrCreateByName(rawName) {
      const name = storedText(rawName.trim(), 120) || unassignedCustomerName;
      const known = one(sql`WHERE name_key = ${nameKey(name)}`);
      return (
        known ??
        this.save({
          id: null,
          name,
          ownRanges: [],
          defaultTlp: 'TLP:AMBER',
          noiseBudget: defaultNoiseBudget,
        })
      );
    },
  };
}

interface ServiceRow {
  readonly id: string;
  readonly customer_id: string;
  readonly name: string;
}

export function createServicesRepository({
  database,
  newId,
  mappingChanged,
}: RepositoryTools): ServicesRepository {
  const select = sql`SELECT id, customer_id, name FROM service`;
  const toService = (row: ServiceRow): Service => ({
    id: row.id,
    customerId: row.customer_id,
    name: row.name,
  });
  const one = (where: Sql): Service | null => {
    const row = database.get<ServiceRow>(sql`${select} ${where}`);
    return row === undefined ? null : toService(row);
  };
  return {
    list: () => database.all<ServiceRow>(sql`${select} ORDER BY position`).map(toService),
    get: (id) => one(sql`WHERE id = ${id}`),
    save(service) {
      const name = storedText(service.name.trim(), 120);
      const id = service.id ?? newId('se');
      return database.transaction(() => {
        const customer = database.get(sql`SELECT 1 FROM customer WHERE id = ${service.customerId}`);
        found(customer, 'customer', service.customerId);
        const same = one(sql`WHERE customer_id = ${service.customerId} AND name_key = ${nameKey(name)}`);
        refuseSameName(same !== null && same.id !== id, 'service', name);
        database.run(
          sql`INSERT INTO service (id, customer_id, name, name_key)
              VALUES (${id}, ${service.customerId}, ${name}, ${nameKey(name)})
              ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, name = excluded.name,
                name_key = excluded.name_key`,
        );
        if (service.id !== null) mappingChanged();
        return { id, customerId: service.customerId, name };
      });
    },
    findOrCreateByName(customerId, rawName) {
      const name = storedText(rawName.trim(), 120) || 'Unnamed';
      const known = one(sql`WHERE customer_id = ${customerId} AND name_key = ${nameKey(name)}`);
      return known ?? this.save({ id: null, customerId, name });
    },
  };
}
