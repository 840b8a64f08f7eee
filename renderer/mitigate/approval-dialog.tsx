import './mitigate.css';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { needsTypedTarget } from '../../shared/domain/guard.ts';
import type { Mitigation, MitigationState, Preview } from '../../shared/domain/mitigation.ts';
import { formatShare } from '../../shared/domain/quantity.ts';
import { formatDuration } from '../../shared/domain/time.ts';
import {
  Button,
  classNames,
  Dialog,
  ErrorNote,
  Icon,
  LoadingState,
  MitigationStateBadge,
  Notice,
  SafeText,
  SimulatedMark,
  TextField,
  Time,
  useAction,
  useApp,
  useCall,
  useClient,
  useCommands,
  useCoreEvent,
} from '../ui/index.ts';
import { approvalObstacle } from './approval-rules.ts';
import { guardWords } from './mitigation-words.ts';

export interface ApprovalDialogProps {
  readonly mitigationId: string;
  readonly onClose: () => void;
}

/**
 * The last thing between a proposal and the outside world: what will change, what it would have hit, which guards
 * stand, how it ends. Target and guards are asked anew when it opens; approving shows every step until the target
 * itself confirms.
 */
export function ApprovalDialog({ mitigationId, onClose }: ApprovalDialogProps) {
  const client = useClient();
  const preview = useAction('mitigations.preview');
  const approve = useAction('mitigations.approve');
  const reject = useAction('mitigations.reject');
  const again = useAction('mitigations.apply');
  const plans = useCall('plans.list', {});
  const analyst = useApp((state) => state.hello?.analyst?.name ?? null);
  const customers = useApp((state) => state.customers);
  const [mitigation, setMitigation] = useState<Mitigation | null>(null);
  const [fresh, setFresh] = useState(false);
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [rejecting, setRejecting] = useState(false);
  const remarkRef = useRef<HTMLInputElement>(null);
  const typedRef = useRef<HTMLInputElement>(null);

  const { run: askPreview } = preview;
  useEffect(() => {
    let stale = false;
    // Shown at once as it was proposed; the fresh answer of guards and target replaces it.
    client.call('mitigations.list', {}).then(
      (rows) => {
        const row = rows.find((each) => each.id === mitigationId);
        if (!stale && row) setMitigation((before) => before ?? row);
      },
      () => undefined,
    );
    void askPreview({ id: mitigationId }).then((answer) => {
      if (stale || answer === null) return;
      setMitigation(answer);
      setFresh(true);
    });
    return () => {
      stale = true;
    };
  }, [client, askPreview, mitigationId]);
  useCoreEvent('mitigations.changed', ({ rows }) => {
    const row = rows.find((each) => each.id === mitigationId);
    if (row) setMitigation(row);
  });
  useLayoutEffect(() => {
    if (rejecting) remarkRef.current?.focus();
  }, [rejecting]);

  // The dialog opened before it knew what it would show: the focus goes where the analyst continues.
  const isShown = mitigation !== null;
  useLayoutEffect(() => {
    if (isShown) (typedRef.current ?? remarkRef.current)?.focus();
  }, [isShown]);

  const plan = plans.data?.find((each) => each.id === mitigation?.planId) ?? null;
  const asksTyping = mitigation !== null && needsTypedTarget(mitigation.entries);
  const obstacle =
    mitigation === null
      ? 'Loading'
      : approvalObstacle({ mitigation, plan, analyst, fresh, typed: asksTyping ? typed : null });
  const isWaiting = mitigation?.state === 'proposed';
  const busy = approve.running || reject.running || again.running;

  const confirm = async () => {
    if (mitigation === null || obstacle !== null || busy || !isWaiting) return;
    const answer = await approve.run({
      id: mitigation.id,
      hash: mitigation.hash,
      reason: reason.trim(),
      typedTarget: asksTyping ? typed : null,
    });
    if (answer) setMitigation(answer);
  };
  const confirmReject = async () => {
    if (mitigation === null || reason.trim() === '' || busy) return;
    const answer = await reject.run({ id: mitigation.id, reason: reason.trim() });
    if (answer) onClose();
  };
  useCommands(
    [
      {
        id: 'mitigate.approve',
        title: 'Approve',
        group: 'Mitigate',
        keys: ['Ctrl+Enter'],
        whileTyping: true,
        enabled: isWaiting && !rejecting,
        run: () => void confirm(),
      },
      {
        id: 'mitigate.reject.confirm',
        title: 'Reject',
        group: 'Mitigate',
        keys: ['Ctrl+Enter'],
        whileTyping: true,
        hidden: true,
        enabled: isWaiting && rejecting,
        run: () => void confirmReject(),
      },
    ],
    'dialog',
  );

  if (mitigation === null) {
    return (
      <Dialog title="Approve a block" width="wide" onClose={onClose}>
        {preview.error ? (
          <ErrorNote error={preview.error} />
        ) : (
          <LoadingState label="Asking guards and target" />
        )}
      </Dialog>
    );
  }

  const count = mitigation.entries.length;
  const entriesWords = `${count} ${count === 1 ? (isHost(mitigation.entries[0]) ? 'address' : 'network') : 'entries'}`;
  const duration = formatDuration(mitigation.ttlMs);
  const error = approve.error ?? reject.error ?? again.error ?? preview.error;
  const customerName = customers.find((each) => each.id === mitigation.customerId)?.name;

  return (
    <Dialog
      title={`${isWaiting ? 'Approve: block' : 'Block'} ${entriesWords} on ${mitigation.targetName}`}
      aside={
        <span className="approval-plan">
          plan {mitigation.planName}
          {plan ? ` v${plan.version}` : ''}
          {mitigation.simulated ? <SimulatedMark /> : null}
        </span>
      }
      width="wide"
      className="approval-dialog"
      onClose={onClose}
      footer={
        isWaiting && !busy ? (
          rejecting ? (
            <>
              <Button onClick={() => setRejecting(false)}>Back to the decision</Button>
              <Button
                variant="danger"
                keys="Ctrl+Enter"
                disabled={reason.trim() === ''}
                onClick={() => void confirmReject()}
              >
                Reject proposal
              </Button>
            </>
          ) : (
            <>
              {obstacle === null ? null : (
                <span className="approval-obstacle" role="status">
                  {obstacle}
                </span>
              )}
              <Button variant="quiet" onClick={() => setRejecting(true)}>
                Reject…
              </Button>
              <Button keys="Escape" onClick={onClose}>
                Not now
              </Button>
              <Button
                variant="primary"
                keys="Ctrl+Enter"
                disabled={obstacle !== null}
                onClick={() => void confirm()}
              >
                Approve block for {duration}
              </Button>
            </>
          )
        ) : (
          <>
            {['approved', 'failed'].includes(mitigation.state) && !busy ? (
              <Button
                onClick={() =>
                  void again.run({ id: mitigation.id }).then((answer) => {
                    if (answer) setMitigation(answer);
                  })
                }
              >
                Apply again
              </Button>
            ) : null}
            <Button variant="primary" keys="Escape" onClick={onClose}>
              {busy ? 'Leave it running' : 'Close'}
            </Button>
          </>
        )
      }
    >
      {isWaiting && !busy ? null : <Steps mitigation={mitigation} />}
      <dl className="approval">
        <dt>Change</dt>
        <dd>
          <Diff mitigation={mitigation} preview={mitigation.preview} />
        </dd>
        <dt>Would have hit</dt>
        <dd>
          <Impact preview={mitigation.preview} waiting={!fresh && preview.running} />
        </dd>
        <dt>Guards</dt>
        <dd>
          <ul className="guards" aria-label="Guards">
            {mitigation.guards.map((guard) => (
              <li key={guard.guard} className={guard.passed ? 'guard-passed' : 'guard-failed'}>
                <Icon name={guard.passed ? 'check' : 'close'} size={12} />
                <span>
                  <span className="visually-hidden">{guard.passed ? 'Passed: ' : 'Failed: '}</span>
                  <strong>{guardWords[guard.guard]}</strong>{' '}
                  <span className="guard-sentence">
                    <SafeText text={guard.sentence} limit={300} />
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </dd>
        <dt>Ends</dt>
        <dd>
          <Ending mitigation={mitigation} />
        </dd>
        <dt>Undo</dt>
        <dd>
          {mitigation.preview ? (
            <SafeText text={mitigation.preview.undoSentence} limit={400} />
          ) : (
            'Not known yet'
          )}
        </dd>
        <dt>Why</dt>
        <dd>
          <SafeText text={mitigation.reason} limit={400} multiline />
        </dd>
        <dt>Asked by</dt>
        <dd className="approval-people">
          <span>
            <SafeText text={mitigation.proposedBy} limit={80} plain /> <Time timeMs={mitigation.proposedMs} />
          </span>
          <span>
            <span className="quiet">{mitigation.approvedBy === null ? 'Approve as' : 'Approved by'}</span>{' '}
            <SafeText text={mitigation.approvedBy ?? analyst ?? 'nobody yet'} limit={80} plain />
            {mitigation.approvedBy === null && plan && !plan.samePersonMayApprove ? (
              <span className="quiet"> (never {mitigation.proposedBy})</span>
            ) : null}
          </span>
          {customerName === undefined ? null : <span className="quiet">for {customerName}</span>}
        </dd>
      </dl>
      {isWaiting && asksTyping && !rejecting ? (
        <TextField
          label={`${count > 1 && mitigation.entries.every(isHost) ? 'These are many' : 'This is wide'}. Type the target’s name, ${mitigation.targetName}, to approve`}
          value={typed}
          onChange={setTyped}
          mono
          inputRef={typedRef}
        />
      ) : null}
      {isWaiting ? (
        <TextField
          label={rejecting ? 'Why is it rejected?' : 'Remark (kept in the ledger)'}
          value={reason}
          onChange={setReason}
          maxLength={2000}
          required={rejecting}
          inputRef={remarkRef}
        />
      ) : null}
      {error ? <ErrorNote error={error} /> : null}
    </Dialog>
  );
}

function isHost(entry: string | undefined): boolean {
  return entry === undefined || entry.endsWith('/32') || entry.endsWith('/128');
}

/** How many lines of the change stand there before "show all". */
const shownLines = 5;

function Diff({
  mitigation,
  preview,
}: {
  readonly mitigation: Mitigation;
  readonly preview: Preview | null;
}) {
  const [all, setAll] = useState(false);
  if (preview === null) {
    return (
      <>
        <p className="diff mono">{mitigation.entries.map((entry) => `+ ${entry}`).join('\n')}</p>
        <p className="quiet">The target has not said yet how it writes this.</p>
      </>
    );
  }
  const lines = all ? preview.diff : preview.diff.slice(0, shownLines);
  const words = { '+': 'added', '=': 'already there', '-': 'removed' } as const;
  return (
    <>
      <ul className="diff mono" aria-label="Change on the target">
        {lines.map((line) => (
          <li
            key={`${line.sign} ${line.text}`}
            className={classNames('diff-line', line.sign === '=' && 'is-same')}
          >
            <span aria-hidden="true">{line.sign}</span>
            <span className="visually-hidden">{words[line.sign]}: </span>
            <SafeText text={line.text} limit={240} mono />
            {line.sign === '=' ? <span className="quiet"> already there</span> : null}
          </li>
        ))}
      </ul>
      {preview.diff.length > lines.length ? (
        <Button small variant="quiet" onClick={() => setAll(true)}>
          Show all {preview.diff.length} lines
        </Button>
      ) : null}
    </>
  );
}

function Impact({ preview, waiting }: { readonly preview: Preview | null; readonly waiting: boolean }) {
  if (preview === null || preview.impact === null) {
    if (waiting && !preview?.impactUnknownReason) return <span className="quiet">Asking…</span>;
    return (
      <span>
        <strong>Not known:</strong>{' '}
        <SafeText text={preview?.impactUnknownReason ?? 'the target could not be asked.'} limit={300} />
      </span>
    );
  }
  const { impact } = preview;
  const { hitRequests } = impact;
  const share = hitRequests === 0 ? 0 : impact.ordinaryRequests / hitRequests;
  const number = (value: number) => Math.round(value).toLocaleString('en');
  return (
    <div className="impact">
      <p>
        In the last {formatDuration(impact.windowMs)}{' '}
        <strong className="tabular">
          {impact.estimated ? '≈ ' : ''}
          {number(hitRequests)} {hitRequests === 1 ? 'request' : 'requests'}
        </strong>{' '}
        of {number(impact.totalRequests)} from {number(impact.hitClients)}{' '}
        {impact.hitClients === 1 ? 'client' : 'clients'}:{' '}
        <span className="tabular">{number(impact.excessRequests)}</span> in the excess,{' '}
        <strong className="tabular">{number(impact.ordinaryRequests)}</strong> ordinary ({formatShare(share)})
      </p>
      {hitRequests > 0 ? (
        <div
          className="impact-bar"
          role="img"
          aria-label={`${number(impact.excessRequests)} in the excess, ${number(impact.ordinaryRequests)} ordinary`}
        >
          <span className="impact-excess" style={{ flexGrow: Math.max(impact.excessRequests, 0) }} />
          <span className="impact-ordinary" style={{ flexGrow: Math.max(impact.ordinaryRequests, 0) }} />
        </div>
      ) : null}
      <p className="quiet">
        {impact.estimated ? 'Estimated from ' : 'Counted by '}
        {impact.sourceName}
      </p>
    </div>
  );
}

function Ending({ mitigation }: { readonly mitigation: Mitigation }) {
  const { preview, expiresMs } = mitigation;
  return (
    <div className="ending">
      {expiresMs === null ? (
        <span>
          {preview === null ? 'By itself ' : ''}
          {formatDuration(mitigation.ttlMs)} after it is applied.
        </span>
      ) : (
        <span>
          <Time timeMs={expiresMs} />
        </span>
      )}{' '}
      {preview === null ? null : preview.endKeptByTarget ? (
        <SafeText text={preview.endSentence} limit={400} />
      ) : (
        <Notice tone="warning">
          <SafeText text={preview.endSentence} limit={400} />
        </Notice>
      )}
      {preview?.survivesReload === 'no' ? (
        <Notice tone="warning">
          A reload or restart of the target drops it. Watchfloor notices and says so.
        </Notice>
      ) : null}
      {preview?.survivesReload === 'not-known' ? (
        <span className="quiet"> Whether it survives a reload of the target is not known.</span>
      ) : null}
    </div>
  );
}

const steps = [
  { state: 'approved', label: 'Approved' },
  { state: 'applying', label: 'Applying' },
  { state: 'applied', label: 'Applied' },
  { state: 'verified', label: 'Verified on the target' },
] as const satisfies readonly { state: MitigationState; label: string }[];

/** Where it stands on its way to the target. What is not known is said so that nobody overlooks it. */
function Steps({ mitigation }: { readonly mitigation: Mitigation }) {
  const reached = steps.findIndex((step) => step.state === mitigation.state);
  const isTrouble = ['unknown', 'lost', 'failed'].includes(mitigation.state);
  return (
    <div className="approval-steps" aria-live="polite">
      {reached >= 0 ? (
        <ol aria-label="Progress">
          {steps.map((step, index) => {
            const done = index < reached || mitigation.state === 'verified';
            const current = index === reached && !done;
            return (
              <li
                key={step.state}
                className={classNames(done && 'is-done', current && 'is-current')}
                aria-current={index === reached ? 'step' : undefined}
              >
                {done ? <Icon name="check" size={12} /> : <span className="step-dot" aria-hidden="true" />}
                {step.label}
              </li>
            );
          })}
        </ol>
      ) : (
        <MitigationStateBadge state={mitigation.state} />
      )}
      <Notice tone={isTrouble ? 'error' : mitigation.state === 'verified' ? 'good' : 'info'}>
        <SafeText text={mitigation.sentence} limit={600} multiline />
      </Notice>
    </div>
  );
}
