import { useState } from 'react';
import { type LessonInForce, mostLessons } from '../../shared/domain/lesson.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import {
  Button,
  CallView,
  dispositionWords,
  EmptyState,
  ErrorNote,
  SafeText,
  useAction,
  useApp,
  useCall,
  useCommands,
  useShowTime,
  VirtualTable,
} from '../ui/index.ts';

/** So many signals are named in the row; its title has them all. */
const namedSignals = 2;

/** What false and benign positives taught, what came of it, and taking it back. */
export function LessonsSection() {
  const call = useCall('lessons.list', {}, { everyMs: 10_000 });
  const act = useAction('alerts.act');
  const undo = useAction('alerts.undo');
  const goTo = useApp((state) => state.goTo);
  const notify = useApp((state) => state.notify);
  const signals = useApp((state) => state.signals);
  const services = useApp((state) => state.services);
  const showTime = useShowTime();
  const [activeIndex, setActiveIndex] = useState(0);
  const lessons = call.data?.lessons ?? [];
  const active = lessons[Math.min(activeIndex, lessons.length - 1)];

  const coverWords = ({ covers }: LessonInForce): string[] =>
    covers.map(
      ({ signalId, direction }) =>
        `${toSafeExcerpt(signals.find(({ id }) => id === signalId)?.name ?? 'A signal that is gone', 80)} ${direction}`,
    );
  const open = (lesson: LessonInForce | undefined) => {
    if (lesson) goTo('queue', { alertId: lesson.alertId });
  };
  const takeBack = async (lesson: LessonInForce | undefined) => {
    if (!lesson || act.running) return;
    const done = await act.run({
      selection: { by: 'ids', ids: [lesson.alertId] },
      action: { type: 'reopen' },
    });
    call.refetch();
    if (!done || done.changed === 0) return;
    const { undoId } = done;
    notify({
      text: `Took the lesson back: “${toSafeExcerpt(lesson.title, 80)}” is open again, and its like calls again`,
      ...(undoId === null ? {} : { undo: () => void undo.run({ undoId }).then(() => call.refetch()) }),
    });
  };
  useCommands([
    {
      id: 'settings.lessons.take-back',
      title: 'Take the lesson back',
      group: 'Settings',
      keys: ['t'],
      enabled: active !== undefined,
      run: () => void takeBack(active),
    },
  ]);

  return (
    <div className="settings-list is-filling">
      <div className="settings-bar">
        <h2 className="settings-heading">What verdicts taught</h2>
        <p className="quiet grow">
          A false or benign positive teaches: what is like it and not clearly worse goes to the informational
          lane. Taking a lesson back reopens its alert.
          {call.data?.isWhole === false ? ` The newest ${mostLessons} are listed.` : ''}
        </p>
      </div>
      {act.error ? <ErrorNote error={act.error} /> : null}
      {undo.error ? <ErrorNote error={undo.error} /> : null}
      <CallView call={call} label="Reading what verdicts taught">
        {({ isExact }) => (
          <VirtualTable<LessonInForce>
            label="What verdicts taught, newest first"
            count={lessons.length}
            rowAt={(index) => lessons[index]}
            keyOf={(lesson) => lesson.alertId}
            activeIndex={lessons.length === 0 ? -1 : Math.min(activeIndex, lessons.length - 1)}
            onActiveChange={setActiveIndex}
            onOpen={(index) => open(lessons[index])}
            screenKeys
            keysGroup="What verdicts taught"
            rowLabel={({ title, disposition }) =>
              `${dispositionWords[disposition]}: ${toSafeExcerpt(title, 200)}`
            }
            empty={
              <EmptyState title="No verdict teaches yet">
                Close an alert of Watchfloor’s own detection as a false or benign positive, and what is like
                it calls nobody. It is listed here until it is taken back.
              </EmptyState>
            }
            columns={[
              {
                key: 'alert',
                header: 'Judged alert and reason',
                width: 'minmax(160px, 1.4fr)',
                render: (lesson) => {
                  const service = services.find(({ id }) => id === lesson.serviceId)?.name ?? '';
                  const reason = [service, lesson.reason].filter((text) => text !== '').join(': ');
                  return (
                    <span title={toSafeExcerpt(`${lesson.title}. ${reason}`, 400)}>
                      <button type="button" className="link-button lesson-link" onClick={() => open(lesson)}>
                        <SafeText text={lesson.title} limit={160} plain />
                      </button>
                      <span className="quiet lesson-reason">
                        <SafeText text={reason} limit={220} plain />
                      </span>
                    </span>
                  );
                },
              },
              {
                key: 'verdict',
                header: 'Verdict',
                width: '112px',
                render: (lesson) => dispositionWords[lesson.disposition],
              },
              {
                key: 'judged',
                header: 'Judged',
                width: '172px',
                render: (lesson) => (
                  <span title={`${toSafeExcerpt(lesson.actor, 120)}, ${showTime(lesson.judgedMs)}`}>
                    <span className="mono tabular">{showTime(lesson.judgedMs).slice(0, 10)}</span>{' '}
                    <SafeText text={lesson.actor} limit={60} plain />
                  </span>
                ),
              },
              {
                key: 'covers',
                header: 'Covers',
                width: 'minmax(120px, 1fr)',
                render: (lesson) => {
                  const words = coverWords(lesson);
                  const more = words.length - namedSignals;
                  return (
                    <span title={words.join(', ')}>
                      {words.slice(0, namedSignals).join(', ')}
                      {more > 0 ? <span className="quiet"> +{more}</span> : null}
                    </span>
                  );
                },
              },
              {
                key: 'hidden',
                header: 'Moved since',
                width: '84px',
                align: 'end',
                data: true,
                render: (lesson) => count(lesson.hidden, isExact),
              },
              {
                key: 'before',
                header: '30 d before',
                width: '84px',
                align: 'end',
                data: true,
                render: (lesson) => count(lesson.wouldHaveHidden, isExact),
              },
              {
                key: 'take-back',
                header: 'Take back',
                hideHeader: true,
                width: '104px',
                align: 'end',
                render: (lesson, { active: isActive }) => (
                  <Button
                    small
                    variant="quiet"
                    {...(isActive ? { keys: 't' } : {})}
                    disabled={act.running}
                    onClick={() => void takeBack(lesson)}
                  >
                    Take back
                    <span className="visually-hidden">
                      {` what “${toSafeExcerpt(lesson.title, 80)}” taught`}
                    </span>
                  </Button>
                ),
              },
            ]}
          />
        )}
      </CallView>
    </div>
  );
}

/** A count of findings; where there were more than were looked at, at least so many. */
function count(findings: number, isExact: boolean): string {
  return `${isExact ? '' : '≥ '}${findings.toLocaleString('en')}`;
}
