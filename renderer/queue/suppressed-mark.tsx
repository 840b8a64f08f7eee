import type { Alert } from '../../shared/domain/alert.ts';
import { windowAt } from '../../shared/domain/suppression.ts';
import {
  Button,
  Notice,
  SafeText,
  useAction,
  useApp,
  useCall,
  useCoreNow,
  useShowTime,
} from '../ui/index.ts';

/** Who keeps an alert from calling, why and until when, and the way to it; nothing where nobody does. */
export function SuppressedMark({ alert }: { readonly alert: Alert }) {
  const goTo = useApp((state) => state.goTo);
  const showTime = useShowTime();
  const readNow = useCoreNow();
  const list = useCall('suppressions.list', alert.suppressed === null ? null : {});
  const release = useAction('suppressions.release');
  const suppressionId = alert.suppressionIds.at(-1);
  if (alert.suppressed === null || suppressionId === undefined) return null;
  const found = list.data?.find(({ id }) => id === suppressionId);
  const window = found ? windowAt(found, readNow()) : null;
  const does =
    alert.suppressed === 'held' ? 'Held out of the queue' : 'Informational in a maintenance window';
  return (
    <Notice
      action={
        <>
          <Button small busy={release.running} onClick={() => void release.run({ alertId: alert.id })}>
            Let it through
          </Button>
          <Button small onClick={() => goTo('settings', { section: 'suppressions', suppressionId })}>
            Open
          </Button>
        </>
      }
    >
      {does}
      {found ? (
        <>
          {' '}
          {window === null ? 'since an agreement that has ended' : `until ${showTime(window.endMs)}`}, by{' '}
          <SafeText text={found.owner} limit={60} plain />: <SafeText text={found.reason} limit={200} plain />
        </>
      ) : null}
    </Notice>
  );
}
