import { useRef } from 'react';
import { useApp, useCoreEvent } from '../ui/index.ts';

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

/** A soft sound when somebody is told of alerts, and words on the screen for those that nobody acknowledges. */
export function useNotifications(): void {
  const sound = useApp((state) => state.settings.sound);
  const notify = useApp((state) => state.notify);
  const goTo = useApp((state) => state.goTo);
  const context = useRef<AudioContext | null>(null);
  useCoreEvent('notification', (notification) => {
    if (notification.reason === 'waiting') {
      notify({ tone: 'warning', text: `${notification.title}. ${notification.body}` });
    }
    // A page that was never touched may make no sound; the browser says so and a sound too late helps nobody.
    if (!sound || !notification.sound || navigator.userActivation?.hasBeenActive === false) return;
    context.current ??= new AudioContext();
    playSoftly(context.current);
  });
  useCoreEvent('alert.open', ({ alertId }) => goTo('queue', { alertId }));
}
