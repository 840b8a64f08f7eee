import type { Tlp } from '../../../shared/domain/case.ts';
import type { Customer, Service } from '../../../shared/domain/customer.ts';

export interface CustomersRepository {
  list(): Customer[];
  get(id: string): Customer | null;
  save(customer: {
    readonly id: string | null;
    readonly name: string;
    readonly ownRanges: readonly string[];
    readonly defaultTlp: Tlp;
    readonly noiseBudget: number;
  }): Customer;
  /** By name, case-folded; a new one has no ranges, TLP:AMBER and the usual noise budget. */
  findOrCreateByName(name: string): Customer;
}

export interface ServicesRepository {
  list(): Service[];
  get(id: string): Service | null;
  save(service: { readonly id: string | null; readonly customerId: string; readonly name: string }): Service;
  findOrCreateByName(customerId: string, name: string): Service;
}
