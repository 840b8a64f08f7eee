import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { liesInNetwork } from '../../shared/query/match-query.ts';
import { connect } from './connect.ts';
import { temporaryDirectory } from './testing.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let connection: ReturnType<typeof connect>;
beforeAll(() => {
  directory = temporaryDirectory();
  connection = connect(`${directory.path}/a.db`, false);
});
afterAll(() => {
  connection.close();
  directory.remove();
});

it('lies_in_network says what the query grammar means, also of what is no address', () => {
  const statement = connection.prepare<[string, string], number>('SELECT lies_in_network(?, ?)').pluck();
  const close = fc.nat({ max: 3 }).map((last) => `10.1.2.${last}`);
  const odd = fc.constantFrom(
    '010.1.2.3',
    '10.1.2',
    '10.1.2.300',
    '10.1.2.0/24',
    '10.0.0.0/8',
    '::ffff:10.1.2.3',
    '2001:db8::1',
    'fe80::1',
    'host',
    '',
    '1.2.3.4.5',
  );
  const cidrs = fc.oneof(
    fc.nat({ max: 32 }).map((length) => `10.1.2.0/${length}`),
    fc.constantFrom('0.0.0.0/0', '2001:db8::/32', '::/0', '10.1.2.3/32'),
  );
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), close, odd), cidrs, (value, cidr) => {
      expect(statement.get(value, cidr)).toBe(liesInNetwork(value, cidr) ? 1 : 0);
    }),
  );
});
