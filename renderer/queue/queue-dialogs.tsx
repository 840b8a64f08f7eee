import './queue-dialogs.css';
import type { Alert, Disposition } from '../../shared/domain/alert.ts';
import { MitigationFlow, type ProposalStart } from '../mitigate/mitigation-flow.tsx';
import { useApp } from '../ui/index.ts';
import { CloseDialog } from './close-dialog.tsx';
import { ColumnsDialog } from './columns-dialog.tsx';
import { EscalateDialog } from './escalate-dialog.tsx';
import { ExportDialog, type ExportSelection } from './export-dialog.tsx';
import { SnoozeDialog } from './snooze-dialog.tsx';
import { SuppressDialog, type SuppressStart } from './suppress-dialog.tsx';
import { useAlertExport } from './use-alert-export.ts';
import type { QueueColumns } from './use-queue-columns.ts';
import type { QueueDesk } from './use-queue-desk.ts';
import type { Scope } from './use-queue-selection.ts';

/** The dialog that is open, with what it is about. */
export type OpenDialog =
  | { readonly kind: 'close'; readonly scope: Scope; readonly disposition: Disposition }
  | { readonly kind: 'snooze'; readonly scope: Scope; readonly openedMs: number }
  | { readonly kind: 'escalate'; readonly alertIds: readonly string[]; readonly sample: readonly Alert[] }
  | { readonly kind: 'columns' }
  | { readonly kind: 'export'; readonly selection: ExportSelection }
  | { readonly kind: 'propose'; readonly start: ProposalStart }
  | { readonly kind: 'suppress'; readonly start: SuppressStart };

/** Shows the queue's dialog that is open, if one is. */
export function QueueDialogs({
  desk,
  columns,
}: {
  readonly desk: QueueDesk;
  readonly columns: QueueColumns;
}) {
  const { dialog, selection } = desk;
  const goTo = useApp((state) => state.goTo);
  const notify = useApp((state) => state.notify);
  const shiftEndsMs = useApp((state) => state.settings.shiftEndsMs);
  const exportFrozen = useAlertExport();
  const close = () => desk.openDialog(null);
  switch (dialog?.kind) {
    case 'close':
      return (
        <CloseDialog
          scope={dialog.scope}
          initial={dialog.disposition}
          onClose={close}
          onConfirm={(disposition, reason) => {
            close();
            void desk.actOn(dialog.scope, { type: 'close', disposition, reason });
          }}
        />
      );
    case 'snooze':
      return (
        <SnoozeDialog
          scope={dialog.scope}
          openedMs={dialog.openedMs}
          shiftEndsMs={shiftEndsMs}
          onClose={close}
          onConfirm={(untilMs) => {
            close();
            void desk.actOn(dialog.scope, { type: 'snooze', untilMs });
          }}
        />
      );
    case 'escalate':
      return (
        <EscalateDialog
          alertIds={dialog.alertIds}
          sample={dialog.sample}
          onClose={close}
          onDone={(caseId, title, isNew) => {
            close();
            selection.clear();
            notify({
              text: isNew ? `Opened the case “${cutTitle(title)}”` : `Added to “${cutTitle(title)}”`,
              tone: 'good',
            });
            goTo('cases', { caseId });
          }}
        />
      );
    case 'export':
      return (
        <ExportDialog
          selection={dialog.selection}
          readNow={desk.readNow}
          onClose={close}
          onConfirm={(frozen) => {
            close();
            void exportFrozen(frozen);
          }}
        />
      );
    case 'columns':
      return (
        <ColumnsDialog
          columns={columns.all}
          shown={columns.shown.map((column) => column.key)}
          layout={columns.layout}
          onChange={columns.setLayout}
          onClose={close}
        />
      );
    case 'suppress':
      return <SuppressDialog start={dialog.start} onClose={close} onDone={desk.suppressed} />;
    case 'propose':
      return <MitigationFlow start={dialog.start} onClose={close} />;
    case undefined:
      return null;
  }
}

/** A title in a message: its beginning is enough. */
function cutTitle(title: string): string {
  return title.length <= 80 ? title : `${title.slice(0, 79)}…`;
}
