import { useState } from 'react';
import {
  answerWords,
  countAnswers,
  type HandoverAnswer,
  type HandoverCountersigned,
  type HandoverItem,
  type HandoverSigner,
  type HandoverView,
  handoverItems,
} from '../../shared/domain/handover.ts';
import {
  Badge,
  Button,
  CopyButton,
  Markdown,
  Notice,
  ProgressBar,
  SafeText,
  Time,
  useCommands,
} from '../ui/index.ts';
import { CountersignDialog, TextDialog } from './handover-dialogs.tsx';
import { ItemRow } from './handover-item.tsx';
import { DroppedItems, PackFacts, PackParts } from './handover-parts.tsx';
import { useActiveItem } from './use-active-item.ts';
import type { HandoverDesk } from './use-handover.ts';

/** Who signed, when and with which key. */
function Signature({ title, signer }: { readonly title: string; readonly signer: HandoverSigner }) {
  return (
    <div className="handover-signature">
      <span className="handover-signature-by">
        {title} <SafeText text={signer.name} limit={120} plain />
      </span>
      <Time timeMs={signer.signedMs} />
      <span className="handover-key">
        <span className="mono">{signer.keyFingerprint}</span>
        <CopyButton label="Copy the fingerprint" iconOnly text={signer.keyFingerprint} />
        {signer.isKnown ? (
          <Badge outline>Known here</Badge>
        ) : (
          <Badge tone="warning" outline>
            Not known here
          </Badge>
        )}
      </span>
    </div>
  );
}

function Countersignature({
  one,
  titles,
}: {
  readonly one: HandoverCountersigned;
  readonly titles: ReadonlyMap<string, string>;
}) {
  const told = one.answers.filter(({ state }) => state !== 'ticked');
  const words = answerWords(one.answers);
  return (
    <li className="handover-countersignature">
      <Signature title="Countersigned by" signer={one} />
      <p>{`${words.charAt(0).toUpperCase()}${words.slice(1)}.`}</p>
      {one.isSamePerson ? <p className="handover-warning">The same person who handed over.</p> : null}
      {one.isClockBehind ? (
        <p className="handover-warning">
          By its clock it was countersigned before it was signed: the two clocks differ.
        </p>
      ) : null}
      {one.remark === '' ? null : (
        <p>
          <SafeText text={one.remark} limit={1_000} />
        </p>
      )}
      {told.length === 0 ? null : (
        <ul className="handover-told">
          {told.map(({ key, state, remark }) => (
            <li key={key}>
              <Badge tone={state === 'queried' ? 'accent' : 'warning'} outline>
                {state === 'queried' ? 'Queried' : 'Not gone through'}
              </Badge>
              <SafeText text={titles.get(key) ?? key} limit={160} plain />
              {remark === '' ? null : (
                <span className="handover-question">
                  <SafeText text={remark} limit={1_000} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** A signed handover: who signed, and the checklist of whoever comes. */
export function HandoverSigned({ view, desk }: { readonly view: HandoverView; readonly desk: HandoverDesk }) {
  const { pack, outgoing, countersignatures, checklist } = view;
  const [asking, setAsking] = useState<'countersign' | HandoverItem | null>(null);
  const active = useActiveItem(pack, view.reachable);
  const { item } = active;
  const isOver = view.isCountersignedByMe;
  const items = handoverItems(pack);
  const answers = new Map(checklist.map((each) => [each.key, each]));
  const answerOf = (key: string): HandoverAnswer => answers.get(key) ?? { key, state: 'open', remark: '' };
  const counts = countAnswers(checklist);
  const tick = (key: string) => {
    const { state } = answerOf(key);
    void desk.answer({ key, state: state === 'ticked' ? 'open' : 'ticked', remark: '' });
  };

  const group = 'Handover';
  useCommands([
    ...active.commands,
    {
      id: 'handover.tick',
      title: 'Tick the item, or take the tick back',
      group,
      keys: ['t'],
      enabled: item !== null && !isOver,
      run: () => {
        if (item !== null) tick(item.key);
      },
    },
    {
      id: 'handover.query',
      title: 'Query the item',
      group,
      keys: ['q'],
      enabled: item !== null && !isOver,
      run: () => setAsking(item),
    },
    {
      id: 'handover.countersign',
      title: 'Countersign the handover',
      group,
      keys: ['Ctrl+Enter'],
      enabled: !isOver,
      run: () => setAsking('countersign'),
    },
  ]);

  return (
    <>
      <div className="handover-scroll">
        <section className="handover-signatures" aria-label="Signatures">
          {outgoing === null ? null : <Signature title="Signed by" signer={outgoing} />}
          {outgoing !== null && !outgoing.isKnown && !isOver ? (
            <Notice tone="info">
              The signature is valid, and this key has not signed anything here before. Compare the
              fingerprint with the outgoing analyst.
            </Notice>
          ) : null}
          {view.isMine && countersignatures.length === 0 ? (
            <Notice tone="info">
              Pass it on: export it to a file with <kbd className="kbd">Shift+E</kbd>, or let the incoming
              analyst switch the analyst here and go through it. A file that comes back countersigned is
              opened with <kbd className="kbd">Shift+I</kbd>.
            </Notice>
          ) : null}
          {countersignatures.length === 0 ? null : (
            <ul className="handover-countersignatures" aria-label="Countersignatures">
              {countersignatures.map((one) => (
                <Countersignature
                  key={`${one.keyFingerprint} ${one.signedMs}`}
                  one={one}
                  titles={new Map(items.map(({ key, title }) => [key, title]))}
                />
              ))}
            </ul>
          )}
        </section>
        <PackFacts pack={pack} />
        {pack.notes.trim() === '' ? null : (
          <section className="handover-part" aria-label="Notes">
            <h3 className="handover-part-title">Notes</h3>
            <div className="handover-note">
              <Markdown text={pack.notes} />
            </div>
          </section>
        )}
        <PackParts
          pack={pack}
          renderItem={(each) => {
            const answer = answerOf(each.key);
            return (
              <ItemRow
                key={each.key}
                item={each}
                isActive={each.key === item?.key}
                onActivate={() => active.activate(each.key)}
                mark={
                  isOver ? null : (
                    <input
                      type="checkbox"
                      className="checkbox"
                      aria-label={`Gone through: ${each.title.slice(0, 200)}`}
                      checked={answer.state === 'ticked'}
                      onChange={() => tick(each.key)}
                    />
                  )
                }
                below={
                  answer.state === 'queried' && !isOver ? (
                    <p className="handover-query">
                      <Badge tone="accent" outline>
                        Queried
                      </Badge>{' '}
                      <SafeText text={answer.remark} limit={1_000} />
                    </p>
                  ) : null
                }
                actions={
                  <>
                    {isOver ? null : (
                      <>
                        <Button small keys="t" onClick={() => tick(each.key)}>
                          {answer.state === 'ticked' ? 'Take the tick back' : 'Tick'}
                        </Button>
                        <Button small keys="q" onClick={() => setAsking(each)}>
                          Query
                        </Button>
                      </>
                    )}
                    {active.open === null ? null : (
                      <Button small keys="o" onClick={active.open}>
                        Open
                      </Button>
                    )}
                  </>
                }
              />
            );
          }}
        />
        <DroppedItems pack={pack} />
      </div>
      {isOver ? null : (
        <div className="handover-foot">
          <div className="handover-progress">
            <ProgressBar
              label="Gone through"
              done={counts.ticked + counts.queried}
              total={Math.max(1, checklist.length)}
            />
            <span className="tabular quiet">
              {counts.ticked + counts.queried} of {checklist.length} gone through
              {counts.queried === 0 ? '' : `, ${counts.queried} queried`}
            </span>
          </div>
          <span className="grow" />
          <Button
            variant="primary"
            keys="Ctrl+Enter"
            busy={desk.isBusy}
            onClick={() => setAsking('countersign')}
          >
            Countersign
          </Button>
        </div>
      )}
      {asking === 'countersign' ? (
        <CountersignDialog
          view={view}
          isBusy={desk.isBusy}
          onClose={() => setAsking(null)}
          onConfirm={(options) => {
            void desk.countersign(options).then(() => setAsking(null));
          }}
        />
      ) : null}
      {asking !== null && asking !== 'countersign' ? (
        <TextDialog
          title="Query"
          label="What is not clear"
          about={asking.title}
          initial={answerOf(asking.key).remark}
          confirmLabel="Query the item"
          onClose={() => setAsking(null)}
          onConfirm={(remark) => {
            setAsking(null);
            void desk.answer({ key: asking.key, state: 'queried', remark });
          }}
        />
      ) : null}
    </>
  );
}
