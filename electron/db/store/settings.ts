import type { AlertQuery } from '../../../shared/api/contract.ts';

export interface SettingsRepository {
  /** The JSON value stored under a key, or null; the caller checks its shape. */
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  remove(key: string): void;
}

export interface SavedView {
  readonly id: string;
  readonly name: string;
  readonly query: AlertQuery;
}

export interface ViewsRepository {
  list(): SavedView[];
  save(view: { readonly id: string | null; readonly name: string; readonly query: AlertQuery }): SavedView;
  remove(id: string): void;
}
