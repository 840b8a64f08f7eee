import { memo, type ReactNode, useState } from 'react';
import { cutText, toSafeSegments } from '../../shared/domain/safe-text.ts';
import { classNames } from './class-names.ts';

export interface SafeTextProps {
  readonly text: string;
  /** How many signs are shown before "show all"; 300 in a line, 4,000 in a block unless told. */
  readonly limit?: number;
  /** Keeps line breaks; otherwise everything stands on one line. */
  readonly multiline?: boolean;
  readonly mono?: boolean;
  /** No "show all" button, e.g. in a row of a list: the text is only cut. */
  readonly plain?: boolean;
}

const wholeTime = /(\d{4}-\d\d-\d\dT[\d:.]+Z)/;

/** A time is not broken at its hyphens at the end of a line. */
function keepTimesWhole(text: string): ReactNode {
  const parts = text.split(wholeTime);
  return parts.length === 1
    ? text
    : parts.map((part, index) =>
        index % 2 === 0 ? (
          part
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their order
          <span key={index} className="whole-time">
            {part}
          </span>
        ),
      );
}

/** The most that is ever put on the screen at once; the rest can be copied. */
const mostShown = 200_000;

/**
 * A text that came from outside, shown harmlessly: control signs, bidi controls and NUL as visible escapes, long
 * texts cut. Isolated, so that right-to-left text cannot reorder what stands around it.
 */
export const SafeText = memo(function SafeText({
  text,
  limit,
  multiline = false,
  mono = false,
  plain = false,
}: SafeTextProps) {
  const [all, setAll] = useState(false);
  const most = all ? mostShown : (limit ?? (multiline ? 4_000 : 300));
  const cut = cutText(text, most);
  const segments = toSafeSegments(multiline ? cut.text : cut.text.replace(/[\t\n\r]+/g, ' '));
  return (
    <bdi className={classNames('safe-text', multiline && 'is-multiline', mono && 'mono')}>
      {segments.map((segment, index) =>
        segment.kind === 'text' ? (
          keepTimesWhole(segment.text)
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: segments have no identity but their order
          <span key={index} className="safe-escape">
            {segment.text}
          </span>
        ),
      )}
      {cut.leftOut > 0 && plain ? '…' : null}
      {cut.leftOut > 0 && !plain ? (
        <>
          {'… '}
          {all ? (
            <span className="safe-left-out">
              {cut.leftOut.toLocaleString('en')} more characters, copy to see them
            </span>
          ) : (
            <button type="button" className="link-button" onClick={() => setAll(true)}>
              Show all ({cut.leftOut.toLocaleString('en')} more)
            </button>
          )}
        </>
      ) : null}
    </bdi>
  );
});
