import type { Descriptor, Field } from '../../shared/domain/connection.ts';

type Snippet = NonNullable<Descriptor['setup']>[number];

/** Asked for wherever a HAProxy is connected, whether it is read or blocked at. */
export const timeoutField: Field = {
  key: 'timeoutSeconds',
  label: 'Give up after (s)',
  help: 'How long one command may take.',
  type: 'number',
  required: true,
  default: 5,
  min: 1,
  max: 60,
};

/** What its configuration needs first. */
export const socketSnippet: Snippet = {
  title: 'Runtime socket (global section)',
  language: 'haproxy',
  text: 'global\n  stats socket /run/haproxy/admin.sock mode 660 level admin',
};

/** A stick table with the columns that are read out of its answers. */
export const countClientsText =
  '  stick-table type ipv6 size 100k expire 30m store http_req_rate(60s),http_req_cnt,http_err_rate(60s),conn_cur,bytes_out_rate(60s)\n  http-request track-sc0 src';
