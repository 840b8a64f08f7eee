import { dirname, posix } from 'node:path';

/** One source file: its path from the repository's top, with forward slashes, and its text. */
export type SourceFile = { readonly path: string; readonly text: string };

/** An import that goes the wrong way, with the reason in words. */
export type WrongEdge = { readonly from: string; readonly imports: string; readonly reason: string };

/** The pure libraries that `shared/` may use. Anything else there is I/O in disguise or needs a word first. */
const sharedLibraries = ['zod', 'ipaddr.js', 'micromark'];

/** The shell: the only files that may import `electron`. */
const shellFile = /^electron\/(main|preload|window|shell-[a-z-]+)\.ts$/;

/** Places whose job is the build or the tests: they may use any tool. */
const toolFile = /^electron\/(dev|e2e)\/|\.(test|spec)\.tsx?$|^shared\/testing\/.*-suite\.ts$/;

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/**
 * Finds what a module names in imports, re-exports, dynamic imports and `require` calls.
 * Comments are cut first, so that an example in a comment is no import.
 */
export function importsOf(text: string): readonly string[] {
  const code = withoutComments(text);
  const patterns = [
    /(?:^|[;\s}])(?:import|export)\s+(?:type\s+)?[\w*{}\s,$]*?\s*from\s*['"]([^'"]+)['"]/g,
    /(?:^|[;\s}])import\s*['"]([^'"]+)['"]/g,
    /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
    /\brequire(?:\.resolve)?\s*\(\s*['"]([^'"]+)['"]/g,
    /\bnew\s+URL\s*\(\s*['"]([^'"]+)['"]\s*,\s*import\.meta\.url/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''));
}

function placeOf(path: string): string {
  return path.split('/')[0] ?? '';
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

function judge(file: SourceFile, specifier: string): string | null {
  const place = placeOf(file.path);
  const isTool = toolFile.test(file.path);
  if (specifier.startsWith('.')) {
    const target = placeOf(posix.normalize(posix.join(dirname(file.path), specifier)));
    if (target === place || target === 'resources') {
      return null;
    }
    if (target === 'shared' && (place === 'electron' || place === 'renderer')) {
      return null;
    }
    return isTool && place === 'electron' && !['shared', 'renderer'].includes(target)
      ? null
      : `${place}/ may not import from ${target}/`;
  }
  if (specifier === 'electron' || specifier.startsWith('electron/')) {
    return shellFile.test(file.path) || (isTool && place === 'electron')
      ? null
      : 'only the shell may import electron';
  }
  if (isTool) {
    return null;
  }
  const isNode = specifier.startsWith('node:');
  if (place === 'shared') {
    return !isNode && sharedLibraries.includes(packageOf(specifier))
      ? null
      : `shared/ is pure: ${specifier} is not one of ${sharedLibraries.join(', ')}`;
  }
  if (place === 'renderer' && isNode) {
    return 'renderer/ has no Node';
  }
  if (place === 'electron' && /^(react|react-dom|zustand|recharts)$/.test(packageOf(specifier))) {
    return 'electron/ shows nothing: screens belong to renderer/';
  }
  return null;
}

/** What would make a computation depend on when, where or how often it runs. */
const impurities = /\b(Date\.now\s*\(|new\s+Date\s*\(\s*\)|Math\.random\s*\(|crypto\.|performance\.now\s*\()/;

/** Lists the files of shared/ that read a clock or randomness; their callers must hand those in. */
export function findImpurities(files: readonly SourceFile[]): readonly WrongEdge[] {
  return files.flatMap((file) => {
    const found =
      placeOf(file.path) === 'shared' && !toolFile.test(file.path)
        ? impurities.exec(withoutComments(file.text))
        : null;
    return found === null
      ? []
      : [{ from: file.path, imports: found[0], reason: 'shared/ has no clock and no randomness' }];
  });
}

/**
 * Walks every import and lists those that break the rule of three places: shared/ computes and imports nothing
 * outside itself but small pure libraries; electron/ and renderer/ import shared/ and never each other; only the
 * shell's files import electron.
 */
export function findWrongEdges(files: readonly SourceFile[]): readonly WrongEdge[] {
  return files.flatMap((file) =>
    importsOf(file.text).flatMap((specifier) => {
      const reason = judge(file, specifier);
      return reason === null ? [] : [{ from: file.path, imports: specifier, reason }];
    }),
  );
}
