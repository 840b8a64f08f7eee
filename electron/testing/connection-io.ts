import type { ConnectionIo } from '../sources/source.ts';

/** What a test lends a source or target in place of the core, and what it logged. */
export interface TestIo extends ConnectionIo {
  readonly logged: string[];
  /** Aborts the signal. */
  stop(): void;
}

/** A connection's surroundings with fixed secrets and the real clock unless told otherwise. */
export function testIo(
  options: { readonly nowMs?: () => number; readonly secrets?: Readonly<Record<string, string>> } = {},
): TestIo {
  const controller = new AbortController();
  const logged: string[] = [];
  return {
    nowMs: options.nowMs ?? Date.now,
    signal: controller.signal,
    secret: (key) => options.secrets?.[key] ?? null,
    log: (level, text) => {
      logged.push(`${level}: ${text}`);
    },
    logged,
    stop: () => controller.abort(),
  };
}
