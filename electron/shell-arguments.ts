import { resolve } from 'node:path';

/** What the app was started with. */
export type ShellArguments = {
  /** Absolute path, or null for the usual place. */
  readonly dataDir: string | null;
  /** Start with the built-in simulated network. */
  readonly range: boolean;
  /** A case file to open: absolute path. */
  readonly caseFile: string | null;
};

/**
 * Reads our own words among all that Electron and Chromium are started with; theirs are left alone. Works for a
 * second start as well, whose words come with their own working directory.
 */
export function parseShellArguments(words: readonly string[], workingFolder: string): ShellArguments {
  let dataDir: string | null = null;
  let range = false;
  let caseFile: string | null = null;
  for (const [index, word] of words.entries()) {
    if (word === '--range') {
      range = true;
    } else if (word.startsWith('--data-dir=')) {
      dataDir = resolve(workingFolder, word.slice('--data-dir='.length));
    } else if (word === '--data-dir') {
      const value = words[index + 1];
      if (value !== undefined) dataDir = resolve(workingFolder, value);
    } else if (!word.startsWith('-') && word.toLowerCase().endsWith('.wfcase')) {
      caseFile = resolve(workingFolder, word);
    }
  }
  return { dataDir, range, caseFile };
}
