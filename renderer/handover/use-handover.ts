import { useEffect, useState } from 'react';
import type { MethodInput } from '../../shared/api/contract.ts';
import type { HandoverAnswer, HandoverEdit, HandoverView } from '../../shared/domain/handover.ts';
import { type ErrorData, toErrorData } from '../../shared/domain/result.ts';
import type { CallState } from '../api/use-call.ts';
import { useApp, useCall, useClient } from '../ui/index.ts';

/** Methods that change a handover and give it as it is then. */
type Changing =
  | 'handovers.edit'
  | 'handovers.answer'
  | 'handovers.sign'
  | 'handovers.countersign'
  | 'handovers.make';

export interface HandoverDesk {
  readonly call: CallState<HandoverView>;
  /** As it is after the last change, also before the core says so to everybody. */
  readonly view: HandoverView | null;
  /** Resolves with false when it failed; then `error` or a message says why. */
  readonly edit: (edit: HandoverEdit) => Promise<boolean>;
  readonly answer: (answer: HandoverAnswer) => Promise<boolean>;
  readonly sign: () => Promise<boolean>;
  readonly countersign: (options: Omit<MethodInput<'handovers.countersign'>, 'id'>) => Promise<boolean>;
  /** Reads the facts of a draft anew. */
  readonly refresh: (nextShiftHours: number | null) => Promise<boolean>;
  readonly error: ErrorData | null;
  readonly clearError: () => void;
  readonly isBusy: boolean;
}

/** One handover and what can be done to it. */
export function useHandover(id: string): HandoverDesk {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const call = useCall('handovers.get', { id }, { events: ['handovers.changed', 'settings.changed'] });
  const [latest, setLatest] = useState<HandoverView | null>(null);
  const [error, setError] = useState<ErrorData | null>(null);
  const [isBusy, setBusy] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newer answer of the core replaces what was shown since
  useEffect(() => setLatest(null), [call.data]);
  const view = latest ?? call.data;

  async function change<M extends Changing>(method: M, input: MethodInput<M>): Promise<boolean> {
    setBusy(true);
    setError(null);
    try {
      setLatest(await client.call(method, input));
      return true;
    } catch (thrown) {
      const data = toErrorData(thrown);
      setError(data);
      notify({ text: data.message, tone: 'error', details: data.details });
      return false;
    } finally {
      setBusy(false);
    }
  }

  return {
    call,
    view,
    edit: (edit) => change('handovers.edit', { id, edit }),
    answer: (answer) => change('handovers.answer', { id, answer }),
    sign: () => change('handovers.sign', { id, revision: view?.draft?.revision ?? -1 }),
    countersign: (options) => change('handovers.countersign', { id, ...options }),
    refresh: (nextShiftHours) => change('handovers.make', { nextShiftHours }),
    error,
    clearError: () => setError(null),
    isBusy,
  };
}
