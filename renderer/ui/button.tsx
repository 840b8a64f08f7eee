import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { classNames } from './class-names.ts';
import { Icon, type IconName } from './icon.tsx';
import { Kbd } from './kbd.tsx';

interface CommonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  /** The key that does the same; shown on the button. Registering it is the screen's job (useCommands). */
  readonly keys?: string | undefined;
  readonly ref?: Ref<HTMLButtonElement>;
}

export interface ButtonProps extends CommonProps {
  readonly children: ReactNode;
  /** `primary` once a view, `danger` for what cannot be taken back, `quiet` without a border. */
  readonly variant?: 'default' | 'primary' | 'danger' | 'quiet';
  readonly small?: boolean;
  readonly icon?: IconName;
  /** Work is going on: it cannot be pressed and says so. */
  readonly busy?: boolean;
}

/** A button with a verb on it. */
export function Button({
  children,
  variant = 'default',
  small = false,
  icon,
  busy = false,
  keys,
  className,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      aria-keyshortcuts={keys}
      className={classNames('button', `button-${variant}`, small && 'button-small', className)}
    >
      {icon ? <Icon name={icon} size={14} /> : null}
      <span className="button-label">{children}</span>
      {keys ? <Kbd keys={keys} /> : null}
    </button>
  );
}

export interface IconButtonProps extends CommonProps {
  readonly icon: IconName;
  /** Its name for everyone: tooltip and screen reader. */
  readonly label: string;
  readonly pressed?: boolean;
}

/** A button that is only an icon; its label is its tooltip and its accessible name. */
export function IconButton({ icon, label, keys, pressed, className, ...rest }: IconButtonProps) {
  const name = toSafeExcerpt(label, 300);
  return (
    <button
      type="button"
      {...rest}
      aria-label={name}
      aria-pressed={pressed}
      aria-keyshortcuts={keys}
      title={keys ? `${name} (${keys})` : name}
      className={classNames('icon-button', pressed === true && 'is-pressed', className)}
    >
      <Icon name={icon} />
    </button>
  );
}
