import { type RefObject, useEffect, useRef, useState } from 'react';
import type { AlertQuery } from '../../shared/api/contract.ts';
import { IconButton, useClient } from '../ui/index.ts';
import type { AlertWindow } from './use-alert-window.ts';

/**
 * A condition that every title with this beginning meets, and few others: signs that mean something in a query, or
 * end a word there, are any one sign in it. Titles that it finds are compared as they are.
 */
export function beginningTerm(beginning: string): string {
  return `title:${beginning.replaceAll(/[\s"(),*?\\]|\.(?=\.)/gu, '?')}*`;
}

/** Where a search for a title begins, and the list it looks through. */
interface JumpDeps {
  readonly client: Pick<ReturnType<typeof useClient>, 'call'>;
  readonly list: Pick<AlertWindow, 'rowAt' | 'total' | 'upToSequence'>;
  readonly query: AlertQuery;
}

/**
 * The place of the next alert whose title begins so, after a place and then from the top; null when there is none.
 * Rows that are here are looked at first. Beyond them the core is asked where rows stand by their sequence, and only
 * then is a place known.
 */
export async function findTitle(
  { client, list, query }: JumpDeps,
  beginning: string,
  after: number,
): Promise<number | null> {
  const wanted = beginning.toLowerCase();
  const begins = (title: string) => title.toLowerCase().startsWith(wanted);
  const { total, upToSequence } = list;
  let index = after + 1;
  for (let row = list.rowAt(index); row !== undefined; row = list.rowAt(++index)) {
    if (begins(row.title)) return index;
  }
  if (query.sort === 'received' && query.reversed !== true && upToSequence !== null) {
    const term = beginningTerm(beginning);
    const text = query.text === '' ? term : `(${query.text}) ${term}`;
    const lastRead = list.rowAt(index - 1)?.sequence;
    for (const from of [...(lastRead === undefined ? [] : [lastRead - 1]), upToSequence]) {
      const page = { upToSequence: from, offset: 0, limit: 1 };
      const [row] = (await client.call('alerts.query', { ...query, text, ...page })).rows;
      if (row === undefined || !begins(row.title)) continue;
      // Newest first, a row stands behind all that are newer.
      const older = await client.call('alerts.count', { query, upToSequence: row.sequence });
      return total - older.count;
    }
    return null;
  }
  for (index = 0; index <= after; index += 1) {
    const row = list.rowAt(index);
    if (row !== undefined && begins(row.title)) return index;
  }
  return null;
}

/** Typing jumps to the next title that begins so; Enter goes on to the one after, Escape ends it. */
export function JumpBar({
  list,
  query,
  activeIndex,
  onJump,
  onClose,
}: {
  readonly list: AlertWindow;
  readonly query: AlertQuery;
  readonly activeIndex: number;
  readonly onJump: (index: number) => void;
  readonly onClose: () => void;
}) {
  const client = useClient();
  const [text, setText] = useState('');
  const [found, setFound] = useState(true);
  // What is typed on stays with the row that fits already.
  const start = useRef(activeIndex - 1);
  const round = useRef(0);
  const input: RefObject<HTMLInputElement | null> = useRef(null);
  useEffect(() => input.current?.focus(), []);
  const jump = async (beginning: string, after: number) => {
    const mine = ++round.current;
    if (beginning.trim() === '') {
      setFound(true);
      return;
    }
    const place = await findTitle({ client, list, query }, beginning, after).catch(() => null);
    if (mine !== round.current) return;
    setFound(place !== null);
    if (place !== null) onJump(place);
  };
  return (
    <search className="jump-bar">
      <input
        ref={input}
        className="input"
        type="text"
        aria-label="Jump to a title that begins with"
        placeholder="A title that begins with …"
        value={text}
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value);
          void jump(event.target.value, start.current);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void jump(text, activeIndex);
          else if (event.key === 'Escape') onClose();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span className="quiet" role="status">
        {found
          ? ''
          : query.sort === 'received'
            ? 'No title begins so'
            : 'No title of the rows read so far begins so'}
      </span>
      <IconButton icon="close" label="End the jump" keys="Escape" onClick={onClose} />
    </search>
  );
}
