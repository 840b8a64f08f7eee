import { useLayoutEffect, useRef, useState } from 'react';

/**
 * Takes what a search as one types finds: at once where it has answered what stands there, else as soon as it does.
 * @param isAnswered whether what is listed answers the text as it stands
 * @returns asks for it; `forget` takes that back, e.g. when typing goes on
 */
export function useTakeWhenFound(
  isAnswered: boolean,
  take: () => void,
): { readonly ask: () => void; readonly forget: () => void } {
  const [isWanted, setWanted] = useState(false);
  const latest = useRef(take);
  latest.current = take;
  useLayoutEffect(() => {
    if (!isWanted || !isAnswered) return;
    setWanted(false);
    latest.current();
  }, [isWanted, isAnswered]);
  return { ask: () => setWanted(true), forget: () => setWanted(false) };
}
