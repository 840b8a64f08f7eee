import { type MethodParsedInput, type UiSettings, uiSettingsSchema } from '../../shared/api/contract.ts';
import { defaultNotificationSettings } from '../../shared/domain/notification.ts';
import { dayMs } from '../../shared/domain/time.ts';
import type { Store } from '../db/index.ts';

const settingsKey = 'ui';
const defaultSettings: UiSettings = {
  theme: 'dark',
  density: 'regular',
  zone: 'utc',
  sound: true,
  notifications: defaultNotificationSettings,
  contextBudgetBytes: 512 * 1024 * 1024,
  sampleRetentionMs: 60 * dayMs,
  shiftEndsMs: null,
};

/** How the app looks and tells, as chosen; what was not chosen is as it comes. */
export function readSettings(store: Store): UiSettings {
  const parsed = uiSettingsSchema.partial().safeParse(store.settings.get(settingsKey) ?? {});
  return uiSettingsSchema.parse({ ...defaultSettings, ...(parsed.success ? parsed.data : {}) });
}

/** Changes some of it. */
export function saveSettings(store: Store, changes: MethodParsedInput<'app.saveSettings'>): UiSettings {
  const settings = uiSettingsSchema.parse({ ...readSettings(store), ...changes });
  store.settings.set(settingsKey, settings);
  return settings;
}
