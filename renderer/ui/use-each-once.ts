import { useRef, useState } from 'react';

/** Work by name, e.g. a file by its format: each runs once at a time, and one does not keep another from beginning. */
export function useEachOnce<Name extends string>(): {
  readonly isRunning: (name: Name) => boolean;
  /** Begins the work unless it runs already. */
  readonly run: (name: Name, work: () => Promise<void>) => Promise<void>;
} {
  const begun = useRef(new Set<Name>());
  const [running, setRunning] = useState<readonly Name[]>([]);
  const run = async (name: Name, work: () => Promise<void>) => {
    if (begun.current.has(name)) return;
    begun.current.add(name);
    setRunning([...begun.current]);
    try {
      await work();
    } finally {
      begun.current.delete(name);
      setRunning([...begun.current]);
    }
  };
  return { isRunning: (name) => running.includes(name), run };
}
