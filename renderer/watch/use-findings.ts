import { useEffect, useMemo, useState } from 'react';
import type { Finding } from '../../shared/domain/signal.ts';
import { useApp, useCall, useCoreEvent, useCoreNow } from '../ui/index.ts';

/**
 * The findings of a window, kept in step with what the core sends. Asked for once a window; changes come as events.
 */
export function useFindings(windowMs: number): readonly Finding[] {
  const coreNow = useCoreNow();
  const ready = useApp((state) => state.hello !== null);
  const [fromMs, setFromMs] = useState(0);
  const [changed, setChanged] = useState<ReadonlyMap<string, Finding>>(new Map());
  // biome-ignore lint/correctness/useExhaustiveDependencies: the clock is known once the core said hello
  useEffect(
    () => setFromMs(Math.floor((coreNow() - windowMs) / 60_000) * 60_000),
    [coreNow, windowMs, ready],
  );
  const call = useCall(
    'findings.list',
    ready && fromMs > 0 ? { fromMs, toMs: fromMs + windowMs + 86_400_000, signalId: null } : null,
  );
  useCoreEvent('findings.changed', ({ findings }) =>
    setChanged(
      (before) => new Map([...before, ...findings.map((finding) => [finding.id, finding] as const)]),
    ),
  );
  return useMemo(() => {
    const all = new Map((call.data ?? []).map((finding) => [finding.id, finding]));
    for (const [id, finding] of changed) all.set(id, finding);
    return [...all.values()].sort((a, b) => a.startMs - b.startMs);
  }, [call.data, changed]);
}
