import { useEffect, useRef, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import { copyText } from './copy.ts';

export interface CopyButtonProps {
  readonly text: string;
  readonly label?: string;
  readonly iconOnly?: boolean;
  readonly small?: boolean;
}

/** Copies a text and says that it did. */
export function CopyButton({ text, label = 'Copy', iconOnly = false, small = false }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(
    () => () => {
      if (timer.current) clearTimeout(timer.current);
    },
    [],
  );
  const copy = async () => {
    setState((await copyText(text)) ? 'copied' : 'failed');
    if (timer.current) clearTimeout(timer.current);
    timer.current = setTimeout(() => setState('idle'), 2_000);
  };
  const shown = state === 'copied' ? 'Copied' : state === 'failed' ? 'Copying is not allowed here' : label;
  return iconOnly ? (
    <IconButton icon={state === 'copied' ? 'check' : 'copy'} label={shown} onClick={() => void copy()} />
  ) : (
    <Button icon={state === 'copied' ? 'check' : 'copy'} small={small} onClick={() => void copy()}>
      {shown}
    </Button>
  );
}
