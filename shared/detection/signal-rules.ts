import { type BurnRateState, burnRateStart, judgeBurnRate } from './burn-rate.ts';
import type { FindingChange, SignalFacts } from './engine.ts';
import {
  type CertificateRuleState,
  certificateRuleStart,
  judgeCertificate,
  judgeProbe,
  type ProbeRuleState,
  probeRuleStart,
} from './rules.ts';

/** What all rules about one signal remember; JSON-safe. */
export interface SignalRulesState {
  readonly probe: ProbeRuleState;
  readonly certificate: CertificateRuleState;
  readonly burnRate: BurnRateState;
}

/** Nothing seen yet. */
export const signalRulesStart: SignalRulesState = {
  probe: probeRuleStart,
  certificate: certificateRuleStart,
  burnRate: burnRateStart,
};

/** Whether what is expected of a signal is no baseline of its own: then its rules alone speak of it. */
export function isJudgedByRulesAlone({ measure }: SignalFacts): boolean {
  return measure === 'certificate';
}

/** Every rule about one signal, with its next sample. */
export function judgeSignalRules(
  facts: SignalFacts,
  state: SignalRulesState,
  sample: { readonly timeMs: number; readonly value: number | null },
): { readonly state: SignalRulesState; readonly changes: readonly FindingChange[] } {
  const probe = judgeProbe(facts, state.probe, sample);
  const certificate = judgeCertificate(facts, state.certificate, sample);
  const burnRate = judgeBurnRate(facts, state.burnRate, sample);
  return {
    state: { probe: probe.state, certificate: certificate.state, burnRate: burnRate.state },
    changes: [probe, certificate, burnRate].flatMap(({ finding, findingChange }) =>
      finding !== null && findingChange !== null ? [{ finding, change: findingChange }] : [],
    ),
  };
}
