import { useState } from 'react';
import { type CaseState, type CustodyAction, custodyActions } from '../../shared/domain/case.ts';
import { parseMoment } from '../../shared/domain/moment.ts';
import { formatBytes } from '../../shared/domain/quantity.ts';
import { custodyWords } from '../../shared/report/entry-sentence.ts';
import {
  Button,
  CopyButton,
  Dialog,
  SafeText,
  Section,
  SelectField,
  TextField,
  Time,
  useCommands,
  useNow,
} from '../ui/index.ts';
import { useCaseDesk } from './case-desk.tsx';
import { EvidenceContent } from './evidence-content.tsx';
import { MomentField } from './moment-field.tsx';
import { newEntryId } from './use-case.ts';

type Evidence = CaseState['evidence'][number];

/** One file: what is in it, shown harmlessly, its hash, and its chain of custody. */
export function EvidenceDialog({
  evidence,
  onClose,
}: {
  readonly evidence: Evidence;
  readonly onClose: () => void;
}) {
  const { edit, saveEvidence } = useCaseDesk();
  const [noting, setNoting] = useState(false);
  const save = () => void saveEvidence?.(evidence);
  useCommands(
    [
      {
        id: 'case.evidence-save',
        title: 'Save the file',
        group: 'Case',
        keys: ['Ctrl+s'],
        whileTyping: true,
        enabled: saveEvidence !== null,
        run: save,
      },
    ],
    'dialog',
  );
  return (
    <Dialog
      title="Evidence"
      width="wide"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose} keys="Escape">
            Close
          </Button>
          {saveEvidence === null ? null : (
            <Button variant="primary" icon="download" keys="Ctrl+s" data-autofocus onClick={save}>
              Save file
            </Button>
          )}
        </>
      }
    >
      <p className="evidence-name">
        <SafeText text={evidence.name} limit={255} />
      </p>
      <p className="panel-line quiet">
        <span className="tabular">{formatBytes(evidence.sizeBytes)}</span>
        <span className="mono panel-text" title={evidence.sha256}>
          SHA-256 {evidence.sha256}
        </span>
        <CopyButton text={evidence.sha256} label="Copy the SHA-256" iconOnly />
      </p>
      <div className="evidence-content">
        <EvidenceContent evidence={evidence} />
      </div>
      <Section
        title="Custody"
        aside={
          edit === null || noting ? null : (
            <Button small icon="plus" onClick={() => setNoting(true)}>
              Note a step
            </Button>
          )
        }
      >
        <ol className="custody" aria-label="Custody, oldest first">
          <li>
            <Time timeMs={evidence.addedMs} age={false} /> added by{' '}
            <SafeText text={evidence.writerName} limit={80} plain />
          </li>
          {evidence.custody.map((step) => (
            <li key={step.id}>
              <Time timeMs={step.occurredMs} age={false} /> {custodyWords[step.action]}{' '}
              <SafeText text={step.person} limit={80} plain />
              {step.reason === '' ? null : (
                <>
                  : <SafeText text={step.reason} limit={300} />
                </>
              )}
              <span className="quiet">
                {' '}
                recorded by <SafeText text={step.writerName} limit={80} plain />{' '}
                <Time timeMs={step.recordedMs} age={false} />
              </span>
            </li>
          ))}
        </ol>
        {noting && edit !== null ? (
          <CustodyForm
            onCancel={() => setNoting(false)}
            onAdd={async (step) => {
              const added = await edit.append({
                kind: 'custody-noted',
                custodyId: newEntryId('custody'),
                evidenceId: evidence.id,
                ...step,
              });
              if (added !== null) setNoting(false);
            }}
          />
        ) : null}
        <p className="quiet">What is opened or saved out here stands in the audit log of this workstation.</p>
      </Section>
    </Dialog>
  );
}

interface CustodyStep {
  readonly action: CustodyAction;
  readonly occurredMs: number;
  readonly person: string;
  readonly reason: string;
}

function CustodyForm({
  onAdd,
  onCancel,
}: {
  readonly onAdd: (step: CustodyStep) => Promise<void>;
  readonly onCancel: () => void;
}) {
  const nowMs = useNow();
  const [action, setAction] = useState<CustodyAction>('handed-over');
  const [person, setPerson] = useState('');
  const [reason, setReason] = useState('');
  const [when, setWhen] = useState('now');
  const occurredMs = parseMoment(when, nowMs);
  const add = () => {
    if (person.trim() === '' || occurredMs === null) return;
    void onAdd({ action, occurredMs, person: person.trim(), reason: reason.trim() });
  };
  return (
    <div className="custody-form">
      <div className="field-pair">
        <SelectField<CustodyAction>
          label="Step"
          value={action}
          onChange={setAction}
          options={custodyActions.map((value) => ({ value, label: custodyWords[value] }))}
        />
        <TextField label="Person" value={person} onChange={setPerson} maxLength={200} />
      </div>
      <div className="field-pair">
        <MomentField label="When" value={when} onChange={setWhen} required />
        <TextField label="Why" value={reason} onChange={setReason} maxLength={2_000} />
      </div>
      <div className="row row-end">
        <Button small onClick={onCancel}>
          Leave it
        </Button>
        <Button small variant="primary" disabled={person.trim() === '' || occurredMs === null} onClick={add}>
          Note the step
        </Button>
      </div>
    </div>
  );
}
