import type { EvidenceProtection } from '../../shared/domain/evidence-protection.ts';

const pieces = (count: number) => `${count} ${count === 1 ? 'piece' : 'pieces'}`;

/** How evidence lies on the disk, and why, in sentences. */
export function evidenceSentence({ isEncrypting, encrypted, plain }: EvidenceProtection): string {
  if (!isEncrypting) {
    const there =
      plain === 0
        ? ''
        : ` ${plain === 1 ? '1 piece of evidence lies' : `${plain} pieces of evidence lie`} so.`;
    return `Evidence is not encrypted, because secrets are not: its key would lie beside it. Its files can be read by your account alone.${there}`;
  }
  const done = encrypted === 0 ? '' : ` ${pieces(encrypted)} of evidence so far.`;
  const rest =
    plain === 0
      ? ''
      : ` ${pieces(plain)} from before ${plain === 1 ? 'is' : 'are'} being encrypted in the background.`;
  return `Evidence is encrypted on this disk; its key lies with the secrets.${done}${rest} Where the key is not, as on another computer, the files cannot be read: pass cases on as case files.`;
}

/** What of the data directory anybody can read who has its disk. */
export const notEncrypted = [
  {
    name: 'Database',
    value: 'Alerts, raw records, samples, the text of cases, mitigations, the audit log; also its backups',
  },
  { name: 'Log', value: 'What the application did and what failed' },
  {
    name: 'Evidence',
    value:
      'Its size and its SHA-256, by which the file is named; traces on the disk of what was plain before',
  },
  { name: 'Exports', value: 'Everything that is saved elsewhere, unless a case file is encrypted' },
  { name: 'Memory', value: 'What is in use, and what the system moves from memory to the disk' },
] as const;
