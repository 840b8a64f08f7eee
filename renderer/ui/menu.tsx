// biome-ignore-all lint/a11y/useAriaPropsSupportedByRole: the role is chosen at run time and takes these
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import { classNames } from './class-names.ts';
import { Icon, type IconName } from './icon.tsx';
import { Kbd } from './kbd.tsx';

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  readonly keys?: string;
  readonly icon?: IconName;
  readonly disabled?: boolean;
  readonly danger?: boolean;
  /** Given: the item is one of several to choose from. */
  readonly checked?: boolean;
  /** A second, quiet line. */
  readonly hint?: string;
  readonly onSelect: () => void;
}

export interface PopoverProps {
  readonly label: string;
  readonly onClose: () => void;
  /** The element it hangs from. */
  readonly anchor: HTMLElement | null;
  readonly children: ReactNode;
  readonly role?: 'dialog' | 'menu' | 'listbox';
  readonly align?: 'start' | 'end';
}

/** Content that hangs from an element until Esc, a click outside or Tab away; the focus then returns. */
export function Popover({
  label,
  onClose,
  anchor,
  children,
  role = 'dialog',
  align = 'start',
}: PopoverProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null);
  const latest = useRef(onClose);
  latest.current = onClose;

  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || !anchor) return;
    const box = anchor.getBoundingClientRect();
    const own = element.getBoundingClientRect();
    const wanted = align === 'end' ? box.right - own.width : box.left;
    const below = box.bottom + 4;
    const top = below + own.height > window.innerHeight - 8 ? Math.max(8, box.top - own.height - 4) : below;
    setPlace({ left: Math.max(8, Math.min(wanted, window.innerWidth - own.width - 8)), top });
  }, [anchor, align]);

  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const onPointer = (event: PointerEvent) => {
      if (!(event.target instanceof Node)) return;
      if (!element.contains(event.target) && !anchor?.contains(event.target)) latest.current();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      anchor?.focus();
      latest.current();
    };
    const onFocusOut = (event: FocusEvent) => {
      const next = event.relatedTarget;
      if (next instanceof Node && !element.contains(next) && !anchor?.contains(next)) latest.current();
    };
    document.addEventListener('pointerdown', onPointer, true);
    element.addEventListener('keydown', onKey);
    element.addEventListener('focusout', onFocusOut);
    return () => {
      document.removeEventListener('pointerdown', onPointer, true);
      element.removeEventListener('keydown', onKey);
      element.removeEventListener('focusout', onFocusOut);
    };
  }, [anchor]);

  return (
    <div
      ref={ref}
      role={role}
      aria-label={label}
      className={classNames('popover', place === null && 'is-unplaced')}
      style={place === null ? undefined : { left: place.left, top: place.top }}
    >
      {children}
    </div>
  );
}

export interface MenuProps {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly anchor: HTMLElement | null;
  readonly onClose: () => void;
  readonly align?: 'start' | 'end';
}

/** A list of commands hanging from `anchor`; arrows, j/k, Home, End and first letters move, Enter chooses. */
export function Menu({ label, items, anchor, onClose, align }: MenuProps) {
  const ref = useRef<HTMLDivElement>(null);
  const enabledButtons = () => [
    ...(ref.current?.querySelectorAll<HTMLButtonElement>('[role^="menuitem"]:not(:disabled)') ?? []),
  ];
  useEffect(() => {
    ref.current
      ?.querySelector<HTMLButtonElement>('[role^="menuitem"]:not(:disabled)')
      ?.focus({ preventScroll: true });
  }, []);
  const move = (to: (index: number, count: number) => number) => {
    const buttons = enabledButtons();
    const index = buttons.findIndex((button) => button.isSameNode(document.activeElement));
    buttons[to(index, buttons.length)]?.focus();
  };
  const hasIcons = items.some((item) => item.icon !== undefined || item.checked !== undefined);
  return (
    <Popover label={label} role="menu" anchor={anchor} onClose={onClose} {...(align ? { align } : {})}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys bubble up here from the menu items */}
      <div
        ref={ref}
        className="menu"
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'j') move((index, count) => (index + 1) % count);
          else if (event.key === 'ArrowUp' || event.key === 'k')
            move((index, count) => (index - 1 + count) % count);
          else if (event.key === 'Home') move(() => 0);
          else if (event.key === 'End') move((_, count) => count - 1);
          else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
            const wanted = enabledButtons().find((button) =>
              button.textContent?.toLowerCase().startsWith(event.key.toLowerCase()),
            );
            wanted?.focus();
          } else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        {items.map((item) => (
          <button
            key={item.id}
            type="button"
            role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
            aria-checked={item.checked}
            disabled={item.disabled}
            className={classNames('menu-item', item.danger && 'is-danger')}
            onClick={() => {
              anchor?.focus();
              onClose();
              item.onSelect();
            }}
          >
            {hasIcons ? (
              <span className="menu-item-icon">
                {item.checked ? (
                  <Icon name="check" size={14} />
                ) : item.icon ? (
                  <Icon name={item.icon} size={14} />
                ) : null}
              </span>
            ) : null}
            <span className="menu-item-label">
              {item.label}
              {item.hint ? <span className="menu-item-hint">{item.hint}</span> : null}
            </span>
            {item.keys ? <Kbd keys={item.keys} /> : null}
          </button>
        ))}
      </div>
    </Popover>
  );
}

export interface MenuButtonProps {
  readonly label: string;
  readonly items: readonly MenuItem[];
  /** With an icon and no `showLabel` it is an icon button. */
  readonly icon?: IconName;
  readonly showLabel?: boolean;
  readonly keys?: string;
  readonly small?: boolean;
  readonly disabled?: boolean;
  readonly align?: 'start' | 'end';
}

/** A button that opens a menu. */
export function MenuButton({ label, items, icon, showLabel, keys, small, disabled, align }: MenuButtonProps) {
  const [open, setOpen] = useState(false);
  const ref = useRef<HTMLButtonElement>(null);
  const id = useId();
  const common = {
    id,
    ref,
    disabled,
    'aria-haspopup': 'menu',
    'aria-expanded': open,
    onClick: () => setOpen((value) => !value),
  } as const;
  return (
    <>
      {icon && !showLabel ? (
        <IconButton icon={icon} label={label} keys={keys} {...common} />
      ) : (
        <Button keys={keys} small={small ?? false} {...(icon ? { icon } : {})} {...common}>
          {label} <Icon name="chevron-down" size={10} />
        </Button>
      )}
      {open ? (
        <Menu
          label={label}
          items={items}
          anchor={ref.current}
          onClose={() => setOpen(false)}
          {...(align ? { align } : {})}
        />
      ) : null}
    </>
  );
}
