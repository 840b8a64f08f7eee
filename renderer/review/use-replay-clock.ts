import { useEffect, useRef, useState } from 'react';

/** Replayed seconds a second. */
export const speeds = [1, 10, 60, 600] as const;
export type Speed = (typeof speeds)[number];

/** Ten times a second is smooth enough for what changes by the second, and leaves the machine alone. */
const tickMs = 100;

export interface ReplayClock {
  readonly timeMs: number;
  readonly isPlaying: boolean;
  readonly speed: Speed;
  readonly seek: (timeMs: number) => void;
  readonly setPlaying: (isPlaying: boolean) => void;
  readonly setSpeed: (speed: Speed) => void;
}

/** The moment that is looked at; it runs when it is played, and stops at the end. */
export function useReplayClock(fromMs: number, toMs: number, startMs: number): ReplayClock {
  const [timeMs, setTime] = useState(startMs);
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<Speed>(60);
  const latest = useRef(timeMs);
  latest.current = timeMs;
  const seek = (wanted: number) => setTime(Math.max(fromMs, Math.min(toMs, wanted)));

  useEffect(() => {
    if (!isPlaying) return;
    let lastMs = performance.now();
    const timer = setInterval(() => {
      const nowMs = performance.now();
      const next = latest.current + (nowMs - lastMs) * speed;
      lastMs = nowMs;
      setTime(Math.min(toMs, next));
      if (next >= toMs) setPlaying(false);
    }, tickMs);
    return () => clearInterval(timer);
  }, [isPlaying, speed, toMs]);

  return {
    timeMs,
    isPlaying,
    speed,
    seek,
    setPlaying: (play) => {
      // Played at the end it begins anew.
      if (play && latest.current >= toMs) seek(fromMs);
      setPlaying(play);
    },
    setSpeed,
  };
}
