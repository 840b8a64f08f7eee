import type { ReactNode } from 'react';
import { type HandoverItem, type HandoverPack, handoverSectionWords } from '../../shared/domain/handover.ts';
import { Notice, SafeText, SimulatedMark, Time, TlpBadge } from '../ui/index.ts';

/** What a pack is about: as of when, since when, until when. */
export function PackFacts({ pack }: { readonly pack: HandoverPack }) {
  return (
    <dl className="handover-facts">
      <div>
        <dt>As of</dt>
        <dd>
          <Time timeMs={pack.madeMs} />
        </dd>
      </div>
      <div>
        <dt>Cases since</dt>
        <dd>
          <Time timeMs={pack.sinceMs} age={false} />{' '}
          <span className="quiet">
            {pack.sinceHandoverId === null ? 'the last 24 h, no handover before' : 'the last handover'}
          </span>
        </dd>
      </div>
      <div>
        <dt>Next shift ends</dt>
        <dd>
          <Time timeMs={pack.nextShiftEndsMs} />
        </dd>
      </div>
      <div>
        <dt>Sharing</dt>
        <dd className="handover-sharing">
          <TlpBadge tlp={pack.tlp} /> {pack.simulated ? <SimulatedMark /> : null}
        </dd>
      </div>
    </dl>
  );
}

/** The parts of a pack with their items; parts that say nothing stand together at the end. */
export function PackParts({
  pack,
  renderItem,
}: {
  readonly pack: HandoverPack;
  readonly renderItem: (item: HandoverItem) => ReactNode;
}) {
  const filled = pack.parts.filter(({ items, more, gap }) => items.length + more > 0 || gap !== null);
  const empty = pack.parts.filter(
    ({ section, items, more, gap }) => items.length + more === 0 && gap === null && section !== 'added',
  );
  return (
    <>
      {filled.map(({ section, items, more, gap }) => {
        const { title } = handoverSectionWords[section];
        return (
          <section key={section} className="handover-part" aria-label={title}>
            <h3 className="handover-part-title">
              {title}{' '}
              {gap === null ? (
                <span className="quiet tabular">{(items.length + more).toLocaleString('en')}</span>
              ) : null}
            </h3>
            {gap === null ? null : (
              <Notice tone="warning">
                <SafeText text={gap} limit={1_000} plain />
              </Notice>
            )}
            <ul className="handover-items">{items.map(renderItem)}</ul>
            {more === 0 ? null : <p className="handover-more">And {more.toLocaleString('en')} more.</p>}
          </section>
        );
      })}
      {empty.length === 0 ? null : (
        <section className="handover-part" aria-label="Nothing to say of">
          <h3 className="handover-part-title">Nothing to say of</h3>
          <ul className="handover-nothing">
            {empty.map(({ section }) => (
              <li key={section}>{handoverSectionWords[section].none}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** What the outgoing analyst took out, and why. */
export function DroppedItems({
  pack,
  action,
}: {
  readonly pack: HandoverPack;
  readonly action?: (item: HandoverItem) => ReactNode;
}) {
  if (pack.dropped.length === 0) return null;
  return (
    <section className="handover-part" aria-label="Left out">
      <h3 className="handover-part-title">
        Left out <span className="quiet tabular">{pack.dropped.length}</span>
      </h3>
      <ul className="handover-items">
        {pack.dropped.map(({ item, reason }) => (
          <li key={item.key} className="handover-item handover-dropped">
            <div className="handover-item-head">
              <span className="handover-item-title">
                <SafeText text={item.title} limit={300} plain />
              </span>
              {action?.(item)}
            </div>
            <p className="handover-item-body handover-item-text">
              <SafeText text={reason} limit={1_000} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
