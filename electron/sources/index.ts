import { alertmanagerSourceKind } from './alertmanager.ts';
import { haproxySourceKind } from './haproxy.ts';
import { prometheusSourceKind } from './prometheus.ts';
import { rangeSourceKind } from './range.ts';
import type { SourceKind } from './source.ts';
import { suricataEveSourceKind } from './suricata-eve.ts';
import { webhookSourceKind } from './webhook.ts';

/** Every kind of source, in the order of the form. Adding a source is one file and one line here. */
export const sourceKinds: readonly SourceKind[] = [
  prometheusSourceKind,
  alertmanagerSourceKind,
  haproxySourceKind,
  suricataEveSourceKind,
  webhookSourceKind,
  rangeSourceKind,
];
