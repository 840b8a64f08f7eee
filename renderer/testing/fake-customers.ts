import type { Customer, Service } from '../../shared/domain/customer.ts';

export const fakeCustomers: readonly Customer[] = [
  {
    id: 'acme',
    name: 'Acme Retail',
    ownRanges: ['192.0.2.0/24'],
    defaultTlp: 'TLP:AMBER',
    noiseBudget: 5,
    simulated: true,
  },
  {
    id: 'boreal',
    name: 'Boreal Bank',
    ownRanges: ['198.18.0.0/24'],
    defaultTlp: 'TLP:AMBER+STRICT',
    noiseBudget: 2,
    simulated: true,
  },
];

export const fakeServices: readonly Service[] = [
  { id: 'shop', customerId: 'acme', name: 'shop.acme.example' },
  { id: 'api', customerId: 'acme', name: 'api.acme.example' },
  { id: 'ebank', customerId: 'boreal', name: 'ebank.boreal.example' },
];
