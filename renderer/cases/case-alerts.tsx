import { useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import {
  Button,
  IconButton,
  ReasonDialog,
  SafeText,
  Section,
  SeverityBadge,
  useApp,
  useClient,
} from '../ui/index.ts';
import { useCaseEdit } from './case-desk.tsx';

/** The alerts of the case, as they were when they were linked. */
export function LinkedAlerts({ state }: { readonly state: CaseState }) {
  const client = useClient();
  const goTo = useApp((app) => app.goTo);
  const edit = useCaseEdit();
  const [all, setAll] = useState(false);
  const [unlinking, setUnlinking] = useState<{ readonly id: string; readonly title: string } | null>(null);
  const shown = all ? state.alerts.slice(0, 1_000) : state.alerts.slice(0, 8);
  return (
    <Section title={`Alerts (${state.alerts.length.toLocaleString('en')})`}>
      {state.alerts.length === 0 ? (
        <p className="quiet">No alert is linked. Escalate one from the queue into this case.</p>
      ) : (
        <ul className="panel-list" aria-label="Linked alerts">
          {shown.map((alert) => {
            const line = (
              <>
                <SeverityBadge severity={alert.severity} compact />
                <span className="panel-text">
                  <SafeText text={alert.title} limit={140} plain />
                </span>
                <span className="quiet tabular">×{alert.count.toLocaleString('en')}</span>
              </>
            );
            return (
              <li key={alert.id} className="panel-row">
                {edit !== null ? (
                  <button
                    type="button"
                    className="panel-link"
                    onClick={() => goTo('queue', { alertId: alert.id })}
                  >
                    {line}
                  </button>
                ) : (
                  <span className="panel-link">{line}</span>
                )}
                {edit === null ? null : (
                  <IconButton
                    icon="close"
                    label={`Unlink ${alert.title.slice(0, 80)}`}
                    onClick={() => setUnlinking(alert)}
                  />
                )}
              </li>
            );
          })}
        </ul>
      )}
      {state.alerts.length > shown.length ? (
        <Button small variant="quiet" onClick={() => setAll(true)}>
          Show {Math.min(1_000, state.alerts.length).toLocaleString('en')}
        </Button>
      ) : null}
      {unlinking === null || edit === null ? null : (
        <ReasonDialog
          title="Unlink an alert"
          confirmLabel="Unlink alert"
          onClose={() => setUnlinking(null)}
          onConfirm={(reason) => {
            setUnlinking(null);
            void edit.change(() =>
              client.call('cases.unlinkAlert', { caseId: state.id, alertId: unlinking.id, reason }),
            );
          }}
        >
          <p>
            <SafeText text={unlinking.title} limit={200} />
          </p>
        </ReasonDialog>
      )}
    </Section>
  );
}
