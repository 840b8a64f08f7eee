import { useRef } from 'react';
import { useApp, useCoreEvent } from '../ui/index.ts';

/** Ids that were heard already; more than this many are forgotten, oldest first. */
const mostRemembered = 5_000;

/** Two soft tones, a fifth apart, 0.25 s. */
function playSoftly(context: AudioContext): void {
  const start = context.currentTime;
  for (const [index, frequency] of [523.25, 783.99].entries()) {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const at = start + index * 0.11;
    oscillator.type = 'sine';
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.06, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.25);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + 0.26);
  }
}

/** A soft sound for what is new and actionable, never twice for one thing. */
export function useAlertSound(): void {
  const sound = useApp((state) => state.settings.sound);
  const heard = useRef(new Set<string>());
  const context = useRef<AudioContext | null>(null);
  useCoreEvent('alerts.changed', ({ newActionableIds }) => {
    const fresh = newActionableIds.filter((id) => !heard.current.has(id));
    if (fresh.length === 0) return;
    for (const id of fresh) heard.current.add(id);
    for (const id of heard.current) {
      if (heard.current.size <= mostRemembered) break;
      heard.current.delete(id);
    }
    // A page that was never touched may make no sound; the browser says so and a sound too late helps nobody.
    if (!sound || navigator.userActivation?.hasBeenActive === false) return;
    context.current ??= new AudioContext();
    playSoftly(context.current);
  });
}
