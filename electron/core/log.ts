import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type LogLevel = 'info' | 'warning' | 'error';

export interface Log {
  write(level: LogLevel, area: string, text: string): void;
}

const maxLogBytes = 5 * 1024 * 1024;

/** Userinfo in addresses and values of well-known headers never reach the log, whatever an error message holds. */
function withoutSecrets(text: string): string {
  return text
    .replace(/(\w+:\/\/)[^/@\s]+@/g, '$1***@')
    .replace(/(authorization|bearer|basic|token|password|secret)(["':=\s]+)[^\s"',}]+/gi, '$1$2***');
}

/**
 * A log file in the data directory, one earlier one kept. A log that cannot be written is no reason to stop: the
 * line goes to standard error instead.
 */
export function createLog(dataDirectory: string, nowMs: () => number): Log {
  const path = join(dataDirectory, 'watchfloor.log');
  let usable = true;
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  } catch {
    usable = false;
  }
  return {
    write(level, area, text) {
      // One record is one line: line breaks and control characters of outside text cannot forge another.
      const clean = withoutSecrets(text)
        .replace(/\p{Cc}/gu, ' ')
        .slice(0, 4000);
      const line = `${new Date(nowMs()).toISOString()} ${level} ${area} ${clean}\n`;
      try {
        if (!usable) throw new Error('no log file');
        try {
          if (statSync(path).size > maxLogBytes) renameSync(path, `${path}.1`);
        } catch {
          // Not there yet.
        }
        appendFileSync(path, line, { mode: 0o600 });
      } catch {
        if (level === 'error') process.stderr.write(line);
      }
    },
  };
}
