import { Icon } from '../ui/icon.tsx';
import { useApp, useAppStore } from '../ui/index.ts';
import { Kbd } from '../ui/kbd.tsx';
import { places } from './frame-commands.ts';

/** The icons at the left edge: one a screen, with what waits there. */
export function Rail() {
  const store = useAppStore();
  const screen = useApp((state) => state.screen);
  const actionable = useApp((state) => state.status?.actionableOpen ?? 0);
  const approvals = useApp((state) => state.status?.approvalsWaiting ?? 0);
  const unknown = useApp((state) => state.status?.mitigationsUnknown ?? 0);
  const failing = useApp(
    (state) => state.status?.sources.filter((source) => source.health.state === 'failing').length ?? 0,
  );
  const waiting: Readonly<Record<string, { count: number; words: string } | undefined>> = {
    queue: { count: actionable, words: 'actionable' },
    mitigate:
      unknown > 0
        ? { count: unknown, words: 'not known' }
        : { count: approvals, words: 'waiting for approval' },
    settings: { count: failing, words: 'sources failing' },
  };
  return (
    <nav className="rail" aria-label="Screens">
      {places.map((place) => {
        const mark = waiting[place.screen];
        const shown =
          mark && mark.count > 0
            ? { count: mark.count > 99 ? '99+' : String(mark.count), words: mark.words }
            : null;
        return (
          <button
            key={place.screen}
            type="button"
            className="rail-button"
            aria-current={(screen === 'handover' ? 'reports' : screen) === place.screen ? 'page' : undefined}
            aria-label={shown ? `${place.label}, ${shown.count} ${shown.words}` : place.label}
            aria-keyshortcuts={`g ${place.key}`}
            onClick={() => store.getState().goTo(place.screen)}
          >
            <Icon name={place.icon} size={18} />
            {shown ? (
              <span className="rail-count" aria-hidden="true">
                {shown.count}
              </span>
            ) : null}
            <span className="rail-label" aria-hidden="true">
              {place.label} <Kbd keys={`g ${place.key}`} />
            </span>
          </button>
        );
      })}
    </nav>
  );
}
