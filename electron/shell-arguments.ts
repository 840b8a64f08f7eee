import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the app was started with. */
export type ShellArguments = {
  /** Absolute path, or null for the usual place. */
  readonly dataDir: string | null;
  /** The workspace to open, or null for the one open last. */
  readonly workspace: 'live' | 'range' | null;
  /** A case file to open: absolute path. */
  readonly caseFile: string | null;
};

/**
 * Reads our own words among all that Electron and Chromium are started with; theirs are left alone. Works for a
 * second start as well, whose words come with their own working directory.
 */
export function parseShellArguments(words: readonly string[], workingFolder: string): ShellArguments {
  let dataDir: string | null = null;
  let workspace: ShellArguments['workspace'] = null;
  let caseFile: string | null = null;
  for (const [index, word] of words.entries()) {
    const [name, inline] = splitOption(word);
    const value = inline ?? words[index + 1];
    if (name === '--workspace') {
      if (value === 'live' || value === 'range') workspace = value;
    } else if (name === '--data-dir') {
      if (value !== undefined) dataDir = resolve(workingFolder, value);
    } else if (!word.startsWith('-') && word.toLowerCase().endsWith('.wfcase')) {
      caseFile = resolve(workingFolder, word);
    }
  }
  return { dataDir, workspace, caseFile };
}

/** The case file that a `file:` address names; null where it names none. */
export function caseFileOfAddress(address: string): string | null {
  if (!address.startsWith('file:') || !address.toLowerCase().endsWith('.wfcase')) return null;
  try {
    return fileURLToPath(address);
  } catch {
    return null;
  }
}

/** `--name=value` in its two parts; a word without `=` has no value of its own. */
function splitOption(word: string): readonly [string, string | null] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at === -1 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}
