import './handover.css';
import { useEffect, useState } from 'react';
import type { HandoverRow, HandoverState } from '../../shared/domain/handover.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { offerDownload } from '../ui/download.ts';
import {
  Badge,
  Button,
  CallView,
  ChoiceList,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LoadingState,
  Pane,
  SafeText,
  Screen,
  SplitPane,
  useApp,
  useArrival,
  useCall,
  useClient,
  useCommands,
  useEachOnce,
  useKeptState,
  useShowTime,
} from '../ui/index.ts';
import { HandoverDraft } from './handover-draft.tsx';
import { ExportDialog, ImportDialog } from './handover-files.tsx';
import { HandoverSigned } from './handover-signed.tsx';
import { useHandover } from './use-handover.ts';

const stateWords = {
  draft: 'Draft',
  signed: 'Signed',
  countersigned: 'Countersigned',
} as const satisfies Record<HandoverState, string>;

function StateBadge({ state }: { readonly state: HandoverState }) {
  const tone = state === 'countersigned' ? 'good' : state === 'signed' ? 'accent' : 'neutral';
  return (
    <Badge tone={tone} outline>
      {stateWords[state]}
    </Badge>
  );
}

/** `Kim to Robin`, as far as signed. */
function people({ outgoing, incoming, state }: HandoverRow): string {
  if (state === 'draft') return 'Not signed yet';
  return incoming.length === 0 ? `From ${outgoing}` : `${outgoing} to ${incoming.join(', ')}`;
}

/** What one shift leaves to the next: the list of handovers, and the one that is open. */
export function HandoverScreen() {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const showTime = useShowTime();
  const handovers = useCall('handovers.list', {}, { events: ['handovers.changed'] });
  const [chosenId, setChosenId] = useKeptState<string | null>('handover.chosen', null);
  const [isMaking, setMaking] = useState(false);
  const [isImporting, setImporting] = useState(false);
  useArrival('handover', (destination) => {
    if (destination.handoverId !== undefined) setChosenId(destination.handoverId);
  });
  const rows = handovers.data ?? [];
  const isThere = rows.some(({ id }) => id === chosenId);
  // One that was just made is shown before the list has it.
  const shownId = isThere || (chosenId !== null && handovers.loading) ? chosenId : (rows[0]?.id ?? null);
  const hasDraft = rows.some(({ state }) => state === 'draft');

  const make = async () => {
    if (isMaking) return;
    setMaking(true);
    try {
      const made = await client.call('handovers.make', {});
      handovers.refetch();
      setChosenId(made.row.id);
    } catch (thrown) {
      const { message, details } = toErrorData(thrown);
      notify({ text: message, tone: 'error', details });
    }
    setMaking(false);
  };
  const step = (by: number) => {
    const index = rows.findIndex(({ id }) => id === shownId);
    const next = rows[Math.max(0, Math.min(rows.length - 1, index + by))];
    if (next) setChosenId(next.id);
  };

  const group = 'Handover';
  useCommands([
    {
      id: 'handover.make',
      title: hasDraft ? 'Read the facts of the draft anew' : 'Make the handover',
      group,
      keys: ['n'],
      run: () => void make(),
    },
    {
      id: 'handover.next',
      title: 'Next handover',
      group,
      keys: [']'],
      enabled: rows.length > 1,
      run: () => step(1),
    },
    {
      id: 'handover.previous',
      title: 'Previous handover',
      group,
      keys: ['['],
      enabled: rows.length > 1,
      run: () => step(-1),
    },
    {
      id: 'handover.import',
      title: 'Open a handover from a file',
      group,
      keys: ['Shift+I'],
      run: () => setImporting(true),
    },
  ]);

  const list = (
    <Pane title="Shift handovers" padded={false}>
      <div className="handover-list-bar">
        <Button
          small
          variant={hasDraft ? 'default' : 'primary'}
          icon={hasDraft ? 'refresh' : 'plus'}
          keys="n"
          busy={isMaking}
          onClick={() => void make()}
        >
          {hasDraft ? 'Read anew' : 'Make handover'}
        </Button>
        <Button small icon="upload" keys="Shift+I" onClick={() => setImporting(true)}>
          Open file
        </Button>
      </div>
      <CallView call={handovers} label="Reading the handovers" errorTitle="The handovers could not be read">
        {(data) =>
          data.length === 0 ? (
            <EmptyState title="No handover yet">
              Handovers of this workstation and those opened from files stand here, with who signed them.
            </EmptyState>
          ) : (
            <ChoiceList
              label="Handovers"
              rows={data}
              keyOf={(row) => row.id}
              chosen={shownId}
              onChoose={setChosenId}
              head={(row) => (
                <>
                  <span className="tabular">{showTime(row.madeMs)}</span>
                  <StateBadge state={row.state} />
                </>
              )}
              facts={(row) => (
                <>
                  <SafeText text={people(row)} limit={120} plain />
                  <span className="tabular">
                    {row.itemCount} {row.itemCount === 1 ? 'item' : 'items'}
                    {row.origin === 'file' ? ', from a file' : ''}
                  </span>
                </>
              )}
            />
          )
        }
      </CallView>
    </Pane>
  );

  return (
    <Screen label="Shift handover">
      <SplitPane
        id="handover.list"
        paneLabel="Handover"
        initialSize={1_040}
        minSize={460}
        minMain={304}
        main={list}
        pane={
          shownId === null ? (
            <EmptyState
              title="The handover appears here"
              action={
                <Button variant="primary" keys="n" busy={isMaking} onClick={() => void make()}>
                  Make handover
                </Button>
              }
            >
              Open alerts, approvals waiting, blocks that end during the next shift, cases touched since the
              last handover, tasks, sources in trouble, suppressions about to end, and your notes. You edit
              and sign it; whoever comes goes through it and countersigns.
            </EmptyState>
          ) : (
            <HandoverPane key={shownId} id={shownId} onGone={() => setChosenId(null)} />
          )
        }
      />
      {isImporting ? (
        <ImportDialog
          onClose={() => setImporting(false)}
          onImported={(id) => {
            setImporting(false);
            handovers.refetch();
            setChosenId(id);
          }}
        />
      ) : null}
    </Screen>
  );
}

/** One handover: in edit while it is a draft, then its checklist. */
function HandoverPane({ id, onGone }: { readonly id: string; readonly onGone: () => void }) {
  const client = useClient();
  const notify = useApp((state) => state.notify);
  const analystId = useApp((state) => state.hello?.analyst?.id ?? null);
  const showTime = useShowTime();
  const desk = useHandover(id);
  const [dialog, setDialog] = useState<'export' | 'discard' | null>(null);
  const saving = useEachOnce<'html' | 'pdf'>();
  const { view, call } = desk;
  const { refetch } = call;
  // What is mine and what I have signed is another's when the analyst changes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the analyst is the reason to ask again
  useEffect(() => refetch(), [refetch, analystId]);
  const isSigned = view !== null && view.row.state !== 'draft';

  const save = (format: 'html' | 'pdf') =>
    saving.run(format, async () => {
      try {
        const { name, mediaType, base64 } = await client.call('handovers.build', { id, format });
        offerDownload(name, mediaType, base64);
        notify({ text: `Saved ${name}`, tone: 'good' });
      } catch (thrown) {
        const { message, details } = toErrorData(thrown);
        notify({ text: message, tone: 'error', details });
      }
    });
  const discard = async () => {
    try {
      await client.call('handovers.discard', { id });
      setDialog(null);
      onGone();
    } catch (thrown) {
      const { message, details } = toErrorData(thrown);
      notify({ text: message, tone: 'error', details });
    }
  };

  const group = 'Handover';
  useCommands([
    {
      id: 'handover.export',
      title: 'Export the handover to a file',
      group,
      keys: ['Shift+E'],
      enabled: isSigned,
      run: () => setDialog('export'),
    },
    {
      id: 'handover.html',
      title: 'Save the handover as HTML',
      group,
      keys: ['x h'],
      run: () => void save('html'),
    },
    {
      id: 'handover.pdf',
      title: 'Save the handover as PDF',
      group,
      keys: ['x p'],
      run: () => void save('pdf'),
    },
  ]);

  if (view === null) {
    return call.error ? (
      <ErrorState error={call.error} title="The handover could not be read" onRetry={call.refetch} />
    ) : (
      <LoadingState label="Reading the handover" />
    );
  }
  return (
    <section className="handover" aria-label="Handover">
      <header className="handover-head">
        <h2 className="handover-title tabular">{showTime(view.row.madeMs)}</h2>
        <StateBadge state={view.row.state} />
        <span className="handover-people">
          <SafeText text={people(view.row)} limit={160} plain />
        </span>
        <div className="handover-head-actions">
          {isSigned ? (
            <Button small icon="download" keys="Shift+E" onClick={() => setDialog('export')}>
              Export
            </Button>
          ) : null}
          <Button small keys="x h" busy={saving.isRunning('html')} onClick={() => void save('html')}>
            HTML
          </Button>
          <Button small keys="x p" busy={saving.isRunning('pdf')} onClick={() => void save('pdf')}>
            PDF
          </Button>
        </div>
      </header>
      {view.draft === null ? (
        <HandoverSigned view={view} desk={desk} />
      ) : (
        <HandoverDraft view={view} desk={desk} onDiscard={() => setDialog('discard')} />
      )}
      {dialog === 'export' ? <ExportDialog id={id} onClose={() => setDialog(null)} /> : null}
      {dialog === 'discard' ? (
        <ConfirmDialog
          title="Discard the draft"
          confirmLabel="Discard"
          danger
          onConfirm={() => void discard()}
          onClose={() => setDialog(null)}
        >
          <p>Remarks, notes and what you added are gone with it. The facts can be read anew at any time.</p>
        </ConfirmDialog>
      ) : null}
    </section>
  );
}
