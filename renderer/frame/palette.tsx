import { useId, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useStore } from 'zustand';
import type { RegisteredCommand } from '../state/keys.ts';
import { classNames, Dialog, Kbd, useKeysStore } from '../ui/index.ts';

/**
 * How well a title answers a search: higher is better, null not at all. Words may be given by their beginnings, in
 * any order: `go qu` finds "Go to queue".
 */
export function rankCommand(title: string, search: string): number | null {
  const words = title.toLowerCase().split(/[^a-z0-9]+/);
  let score = 0;
  for (const part of search.toLowerCase().split(/\s+/).filter(Boolean)) {
    const place = words.findIndex((word) => word.startsWith(part));
    if (place >= 0) score += 10 - Math.min(place, 8);
    else if (title.toLowerCase().includes(part)) score += 1;
    else return null;
  }
  return score;
}

/** Every command that can be done now, found by typing. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const keys = useKeysStore();
  const commands = useStore(keys, (state) => state.commands);
  const [search, setSearch] = useState('');
  const [active, setActive] = useState(0);
  const listRef = useRef<HTMLDivElement>(null);
  const id = useId();
  const found = useMemo(() => {
    const known = new Set<string>();
    const shown = commands.filter((command) => {
      if (command.hidden || command.enabled === false || command.layer === 'dialog') return false;
      if (command.id === 'app.palette' || known.has(command.id)) return false;
      known.add(command.id);
      return true;
    });
    return shown
      .flatMap((command) => {
        const score = rankCommand(`${command.title} ${command.group}`, search);
        // What belongs to the screen at hand comes first.
        return score === null ? [] : [{ command, score: score + (command.layer === 'screen' ? 0.5 : 0) }];
      })
      .sort((a, b) => b.score - a.score)
      .map((each) => each.command);
  }, [commands, search]);
  const run = (command: RegisteredCommand | undefined) => {
    if (!command) return;
    // The dialog is gone and the focus is back before the command, which may move it, and before the next key.
    flushSync(onClose);
    command.run();
  };
  const move = (to: number) => {
    const next = found.length === 0 ? 0 : (to + found.length) % found.length;
    setActive(next);
    listRef.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <Dialog title="Commands" onClose={onClose} className="palette">
      <input
        className="input palette-input"
        data-autofocus=""
        role="combobox"
        aria-label="Find a command"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found[active] ? `${id}-${active}` : undefined}
        placeholder="Type what you want to do"
        value={search}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setSearch(event.target.value);
          setActive(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || (event.ctrlKey && event.key === 'n')) move(active + 1);
          else if (event.key === 'ArrowUp' || (event.ctrlKey && event.key === 'p')) move(active - 1);
          else if (event.key === 'Enter') run(found[active]);
          else return;
          event.preventDefault();
        }}
      />
      <div ref={listRef} className="palette-list" role="listbox" aria-label="Commands" id={`${id}-list`}>
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the input's, which names the active option
          // biome-ignore lint/a11y/useFocusableInteractive: as above
          <div
            key={command.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            className={classNames('palette-item', index === active && 'is-active')}
            onPointerMove={() => setActive(index)}
            onClick={() => run(command)}
          >
            <span className="grow truncate">{command.title}</span>
            <span className="faint small">{command.group}</span>
            <span className="palette-keys">{command.keys?.[0] ? <Kbd keys={command.keys[0]} /> : null}</span>
          </div>
        ))}
        {found.length === 0 ? <p className="palette-empty secondary">No command like that here.</p> : null}
      </div>
    </Dialog>
  );
}
