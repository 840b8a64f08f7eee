import { describe, expect, it } from 'vitest';
import type { Descriptor, Field } from '../../shared/domain/connection.ts';
import { fillSetup, formProblems, initialValues, settingsOf, shownGroups } from './connection-form.ts';

const field = (key: string, rest: Partial<Field> = {}): Field => ({
  key,
  label: key,
  help: '',
  type: 'text',
  required: false,
  default: null,
  ...rest,
});

const descriptor: Descriptor = {
  kind: 'prometheus',
  role: 'source',
  name: 'Prometheus',
  summary: '',
  mode: 'poll',
  userAddable: true,
  setup: [],
  fields: [
    field('user', { group: 'Authentication', showWhen: { key: 'auth', in: ['basic'] }, required: true }),
    field('password', {
      type: 'secret',
      group: 'Authentication',
      showWhen: { key: 'auth', in: ['basic'] },
      required: true,
    }),
    field('url', { type: 'url', required: true }),
    field('auth', {
      type: 'select',
      default: 'none',
      options: [
        { value: 'none', label: 'None' },
        { value: 'basic', label: 'Basic' },
      ],
    }),
    field('every', { type: 'number', default: 15, min: 1, max: 300 }),
    field('proxy', { group: 'Proxy' }),
    field('mapping', { type: 'json' }),
    field('nginx', { type: 'boolean', default: true, group: 'Signals' }),
  ],
};

describe('the form of a source', () => {
  it('begins with defaults and draws only what applies, the unnamed group first', () => {
    const values = initialValues(descriptor, null);
    expect(values).toEqual({
      user: null,
      url: null,
      auth: 'none',
      every: 15,
      mapping: null,
      proxy: null,
      nginx: true,
    });
    const keys = (auth: string) =>
      shownGroups(descriptor, { ...values, auth }).map((group) => [
        group.name,
        group.fields.map((each) => each.key),
      ]);
    expect(keys('none')).toEqual([
      [null, ['url', 'auth', 'every', 'mapping']],
      ['Signals', ['nginx']],
      ['Proxy', ['proxy']],
    ]);
    expect(keys('basic')).toEqual([
      [null, ['url', 'auth', 'every', 'mapping']],
      ['Authentication', ['user', 'password']],
      ['Signals', ['nginx']],
      ['Proxy', ['proxy']],
    ]);
  });

  it('says what is missing or wrong, and leaves hidden fields alone', () => {
    const values = { user: '', url: 'localhost', auth: 'basic', every: 900, mapping: '{' };
    expect(formProblems(descriptor, values, {}, [])).toEqual({
      user: 'user is needed.',
      password: 'password is needed.',
      url: 'url is an address like https://host:9090.',
      every: 'every is 300 at most.',
      mapping: 'mapping is not valid JSON.',
    });
    const good = { user: '', url: 'http://127.0.0.1:9090', auth: 'none', every: 15, mapping: null };
    expect(formProblems(descriptor, good, {}, [])).toEqual({});
    expect(formProblems(descriptor, { ...good, auth: 'basic', user: 'a' }, {}, ['password'])).toEqual({});
    expect(
      formProblems(descriptor, { ...good, auth: 'basic', user: 'a' }, { password: null }, ['password']),
    ).toEqual({
      password: 'password is needed.',
    });
  });

  it('sends what is drawn and filled', () => {
    expect(
      settingsOf(descriptor, { user: 'a', url: ' http://x:1 ', auth: 'none', every: 15, mapping: '' }),
    ).toEqual({ url: 'http://x:1', auth: 'none', every: 15 });
  });

  it('fills ready-made lines', () => {
    expect(fillSetup('bind {{ port }} path {{path}}', { port: 99, path: '' })).toBe('bind 99 path {{path}}');
  });
});
