import { caseFileName } from '../../shared/exchange/export-case.ts';
import { renderHtml } from '../../shared/report/render-html.ts';
import { renderMarkdown } from '../../shared/report/render-markdown.ts';
import { buildRetrospective } from '../../shared/report/retrospective.ts';
import type { RetrospectiveInput } from '../../shared/report/retrospective-model.ts';
import type { Store } from '../db/index.ts';
import type { Analysts } from './analysts.ts';
import type { Cases } from './cases.ts';
import { attackNotice, techniqueById } from './techniques.ts';

export interface ReportFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface Reports {
  /** Everything that a report or an export of a case is made from. */
  gather(caseId: string): RetrospectiveInput;
  build(caseId: string, format: 'html' | 'pdf' | 'markdown'): Promise<ReportFile>;
}

export interface ReportsDeps {
  readonly store: Store;
  readonly cases: Pick<Cases, 'get' | 'withFreshSignals'>;
  readonly analysts: Analysts;
  readonly printPdf: (html: string) => Promise<Uint8Array>;
  readonly appVersion: string;
  readonly nowMs: () => number;
}

const mostLedgerRows = 200;

export function createReports(deps: ReportsDeps): Reports {
  const { store } = deps;

  function gather(caseId: string): RetrospectiveInput {
    const state = deps.cases.withFreshSignals(deps.cases.get(caseId));
    const alerts = store.alerts.getMany(state.alerts.map((alert) => alert.id));
    const services = new Set(alerts.flatMap((alert) => (alert.serviceId === null ? [] : [alert.serviceId])));
    const findings = new Map(
      alerts.flatMap((alert) => store.findings.forAlert(alert.id)).map((finding) => [finding.id, finding]),
    );
    const acknowledged = alerts
      .flatMap((alert) => store.alerts.history(alert.id))
      .map((row) => row.timeMs)
      .sort((a, b) => a - b);
    return {
      case: state,
      customerName: state.customerId === null ? null : (store.customers.get(state.customerId)?.name ?? null),
      serviceNames: store.services
        .list()
        .filter((service) => services.has(service.id))
        .map((service) => service.name),
      alerts,
      findings: [...findings.values()],
      mitigations: store.mitigations
        .list()
        .filter((mitigation) => mitigation.caseId === caseId)
        .map((mitigation) => ({
          mitigation,
          ledger: store.mitigations.ledger(mitigation.id, mostLedgerRows),
        })),
      techniques: [...new Set([...state.techniques, ...alerts.flatMap((alert) => alert.techniques)])].flatMap(
        (id) => techniqueById(id) ?? [],
      ),
      // Escalating to a case is the first sign that a person has seen it, where nothing came before.
      firstAcknowledgedMs: acknowledged[0] ?? (alerts.length > 0 ? state.openedMs : null),
      chain: store.cases.verify(caseId),
      attackNotice,
      generatedMs: deps.nowMs(),
      analystName: deps.analysts.current()?.name ?? null,
      appVersion: deps.appVersion,
    };
  }

  return {
    gather,
    async build(caseId, format) {
      const input = gather(caseId);
      const model = buildRetrospective(input);
      const text = (value: string) => new TextEncoder().encode(value);
      switch (format) {
        case 'html':
          return {
            name: caseFileName(model.title, input.generatedMs, 'html'),
            mediaType: 'text/html;charset=utf-8',
            bytes: text(renderHtml(model)),
          };
        case 'markdown':
          return {
            name: caseFileName(model.title, input.generatedMs, 'md'),
            mediaType: 'text/markdown;charset=utf-8',
            bytes: text(renderMarkdown(model)),
          };
        case 'pdf':
          return {
            name: caseFileName(model.title, input.generatedMs, 'pdf'),
            mediaType: 'application/pdf',
            bytes: await deps.printPdf(renderHtml(model)),
          };
      }
    },
  };
}
