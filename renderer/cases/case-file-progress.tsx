import type { Progress } from '../../shared/api/envelope.ts';
import { ProgressBar } from '../ui/index.ts';
import { progressWords } from './case-file-words.ts';

/** How far a file is, with its number. */
export function FileProgress({
  label,
  progress,
}: {
  readonly label: string;
  readonly progress: Progress | null;
}) {
  const text = progress?.text || label;
  return (
    <div className="file-progress">
      <p role="status" className="file-progress-line">
        <span>{text}</span>
        <span className="tabular secondary">{progress === null ? '' : progressWords(progress)}</span>
      </p>
      <ProgressBar label={text} done={progress?.done ?? 0} total={progress?.total ?? null} />
    </div>
  );
}
