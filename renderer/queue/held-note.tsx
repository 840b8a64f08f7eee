import { useCall } from '../ui/index.ts';

/** How many alerts suppressions hold out of the queue right now; nothing where none does. */
export function HeldNote({ onShow }: { readonly onShow: () => void }) {
  const call = useCall('suppressions.list', {}, { everyMs: 10_000, events: ['alerts.changed'] });
  const held = (call.data ?? [])
    .filter(({ scope }) => scope.kind === 'query')
    .reduce((sum, { holding }) => sum + holding, 0);
  if (held === 0) return null;
  return (
    <button type="button" className="link-button queue-held tabular" onClick={onShow}>
      {held.toLocaleString('en')} suppressed
    </button>
  );
}
