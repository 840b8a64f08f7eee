import { useLayoutEffect } from 'react';

/**
 * Puts the focus where the next step of the open dialog begins, at its `[data-autofocus]`: what had it is gone with the
 * step before, and keys would go nowhere.
 */
export function useStepFocus(step: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another step is what moves the focus
  useLayoutEffect(() => {
    const dialog = [...document.querySelectorAll('dialog[open]')].at(-1);
    dialog?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
  }, [step]);
}
