import { useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { minuteMs } from '../../shared/domain/time.ts';
import { useApp, useClient } from '../ui/index.ts';
import type { CaseEdit } from './case-desk.tsx';

/** Saves the signals around the case's alerts with the case, so that its charts live on without their source. */
export function useSaveSignals(
  state: CaseState,
  edit: CaseEdit | null,
): { readonly busy: boolean; readonly save: () => Promise<void> } {
  const client = useClient();
  const notify = useApp((app) => app.notify);
  const [busy, setBusy] = useState(false);
  return {
    busy,
    async save() {
      if (edit === null || state.alerts.length === 0) return;
      setBusy(true);
      let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, 0];
      for (const alert of state.alerts) {
        firstMs = Math.min(firstMs, alert.firstSeenMs);
        lastMs = Math.max(lastMs, alert.lastSeenMs);
      }
      const done = await edit.change(() =>
        client.call('cases.saveSignals', {
          caseId: state.id,
          fromMs: firstMs - 30 * minuteMs,
          toMs: lastMs + 10 * minuteMs,
          title: 'Around the alerts',
        }),
      );
      setBusy(false);
      if (done) notify({ text: 'Saved the signals with the case', tone: 'good' });
    },
  };
}
