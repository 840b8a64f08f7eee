import type { ImportPreview } from '../../shared/case-file/report.ts';

/** Who signed a file, and whether that is somebody known here. */
export function signerSentence({ exporter }: Pick<ImportPreview, 'exporter'>): string {
  if (exporter === null) return 'It has no signature that can be read.';
  const key = exporter.keyFingerprint.slice(0, 16);
  return exporter.isKnown
    ? `Signed by ${exporter.name}, whose key ${key} is known here.`
    : `Signed by ${exporter.name}, with the key ${key}, which is not known here.`;
}

/** What the file does not hold; null where it holds all. */
export function leftOutSentence({
  audience,
  withheld,
  missing,
}: Pick<ImportPreview, 'audience' | 'withheld' | 'missing'>): string | null {
  const payloads = withheld.reduce((sum, { count }) => sum + count, 0);
  const parts = [
    payloads > 0 ? `${payloads} ${payloads === 1 ? 'entry' : 'entries'} without their content` : null,
    missing > 0 ? `${missing} ${missing === 1 ? 'file or snapshot' : 'files or snapshots'} not in it` : null,
  ].filter((part) => part !== null);
  if (parts.length === 0) return null;
  return `${audience === null ? 'Left out' : `Made for ${audience}`}: ${parts.join(', ')}.`;
}
