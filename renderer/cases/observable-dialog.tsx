import { useState } from 'react';
import { type AnalystEntry, type Tlp, tlps, type Verdict, verdicts } from '../../shared/domain/case.ts';
import { parseMoment } from '../../shared/domain/moment.ts';
import { defang } from '../../shared/domain/observables.ts';
import {
  Button,
  CopyButton,
  FormDialog,
  IconButton,
  SafeText,
  Section,
  SelectField,
  TextField,
  Time,
  TlpBadge,
  useNow,
  VerdictBadge,
} from '../ui/index.ts';
import { AddField, addFrom } from './add-field.tsx';
import { type CaseEdit, useCaseEdit } from './case-desk.tsx';
import { useRemoveObservable } from './case-observables.tsx';
import { MomentField } from './moment-field.tsx';
import type { ObservableRow } from './observable-row.ts';
import { newEntryId } from './use-case.ts';

/** What is held of one observable, and where it was seen. */
export function ObservableDialog({
  row,
  onClose,
}: {
  readonly row: ObservableRow;
  readonly onClose: () => void;
}) {
  const edit = useCaseEdit();
  const remove = useRemoveObservable();
  const [verdict, setVerdict] = useState<Verdict | ''>(row.verdict ?? '');
  const [tlp, setTlp] = useState<Tlp | ''>(row.tlp ?? '');
  const [note, setNote] = useState(row.note);
  const shown = defang(row.kind, row.value);
  const save = async () => {
    if (edit === null) return;
    const change: Extract<AnalystEntry, { kind: 'observable-assessed' }> = {
      kind: 'observable-assessed',
      observableId: row.id,
      ...(verdict !== '' && verdict !== row.verdict ? { verdict } : {}),
      ...((tlp === '' ? null : tlp) !== row.tlp ? { tlp: tlp === '' ? null : tlp } : {}),
      ...(note.trim() !== row.note ? { note: note.trim() } : {}),
    };
    const isSame = Object.keys(change).length === 2;
    if (isSame || (await edit.append(change)) !== null) onClose();
  };
  return (
    <FormDialog
      title="Observable"
      onClose={onClose}
      confirmLabel={edit === null ? null : 'Save'}
      onConfirm={() => void save()}
      lead={
        edit === null ? null : (
          <Button
            variant="danger"
            onClick={() => {
              remove?.(row);
              onClose();
            }}
          >
            Remove from the case
          </Button>
        )
      }
    >
      <p className="observable-head">
        <span className="observable-kind">{row.kind}</span>
        <SafeText text={shown} mono limit={400} />
        <CopyButton text={shown} label="Copy defanged" iconOnly />
      </p>
      {edit === null ? (
        <p className="panel-line">
          <VerdictBadge verdict={row.verdict} />
          {row.tlp === null ? null : <TlpBadge tlp={row.tlp} />}
          <SafeText text={row.note} limit={2_000} />
        </p>
      ) : (
        <>
          <div className="field-pair">
            <SelectField<Verdict | ''>
              label="Verdict"
              value={verdict}
              onChange={setVerdict}
              options={[
                ...(row.verdict === null ? [{ value: '' as const, label: 'Not judged' }] : []),
                ...verdicts.map((value) => ({ value, label: value })),
              ]}
            />
            <SelectField<Tlp | ''>
              label="TLP"
              value={tlp}
              onChange={setTlp}
              options={[
                { value: '', label: 'As the case' },
                ...tlps.map((value) => ({ value, label: value })),
              ]}
            />
          </div>
          <TextField label="Note" value={note} onChange={setNote} maxLength={2_000} />
        </>
      )}
      <Tags row={row} edit={edit} />
      <Sightings row={row} edit={edit} />
      <p className="quiet">
        {row.seen === null
          ? 'Where else it was seen cannot be asked here.'
          : `In ${row.seen.alerts.toLocaleString('en')} ${row.seen.alerts === 1 ? 'alert' : 'alerts'} and ${row.seen.cases.toLocaleString('en')} other ${row.seen.cases === 1 ? 'case' : 'cases'} that are stored here.`}
      </p>
    </FormDialog>
  );
}

function Tags({ row, edit }: { readonly row: ObservableRow; readonly edit: CaseEdit | null }) {
  const [tag, setTag] = useState('');
  if (edit === null && row.tags.length === 0) return null;
  return (
    <Section title="Tags">
      {row.tags.length === 0 ? null : (
        <ul className="tag-list" aria-label="Tags">
          {row.tags.map((each) => (
            <li key={each} className="tag">
              <SafeText text={each} limit={60} plain />
              {edit === null ? null : (
                <IconButton
                  icon="close"
                  label={`Take the tag ${each.slice(0, 60)} away`}
                  onClick={() =>
                    void edit.append({ kind: 'observable-untagged', observableId: row.id, tag: each })
                  }
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {edit === null ? null : (
        <AddField
          label="New tag"
          placeholder="Add a tag"
          value={tag}
          onChange={setTag}
          maxLength={60}
          onAdd={() =>
            addFrom(tag, setTag, (wanted) =>
              edit.append({ kind: 'observable-tagged', observableId: row.id, tag: wanted }),
            )
          }
        />
      )}
    </Section>
  );
}

function Sightings({ row, edit }: { readonly row: ObservableRow; readonly edit: CaseEdit | null }) {
  const nowMs = useNow();
  const [adding, setAdding] = useState(false);
  const [when, setWhen] = useState('now');
  const [where, setWhere] = useState('');
  const seenMs = parseMoment(when, nowMs);
  return (
    <Section
      title={`Sightings (${row.sightingCount.toLocaleString('en')})`}
      aside={
        edit === null || adding ? null : (
          <Button small icon="plus" onClick={() => setAdding(true)}>
            Note a sighting
          </Button>
        )
      }
    >
      {row.sightings.length === 0 ? (
        <p className="quiet">Nobody noted one. Alerts that saw it are counted below.</p>
      ) : (
        <ul className="sightings" aria-label="Sightings">
          {row.sightings.slice(-100).map((each) => (
            <li key={each.id}>
              <Time timeMs={each.seenMs} age={false} /> ×{each.count.toLocaleString('en')}{' '}
              <SafeText text={each.where} limit={200} plain />{' '}
              <span className="quiet">
                noted by <SafeText text={each.writerName} limit={60} plain />
              </span>
            </li>
          ))}
        </ul>
      )}
      {adding && edit !== null ? (
        <>
          <div className="field-pair">
            <MomentField label="Seen" value={when} onChange={setWhen} required />
            <TextField label="Where" value={where} onChange={setWhere} maxLength={300} />
          </div>
          <div className="row row-end">
            <Button small onClick={() => setAdding(false)}>
              Leave it
            </Button>
            <Button
              small
              variant="primary"
              disabled={seenMs === null}
              onClick={async () => {
                if (seenMs === null) return;
                const added = await edit.append({
                  kind: 'sighting-noted',
                  sightingId: newEntryId('sighting'),
                  observableId: row.id,
                  seenMs,
                  count: 1,
                  where: where.trim(),
                });
                if (added !== null) setAdding(false);
              }}
            >
              Note the sighting
            </Button>
          </div>
        </>
      ) : null}
    </Section>
  );
}
