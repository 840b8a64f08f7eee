import type { UiSettings } from '../../shared/api/contract.ts';
import { hourMs } from '../../shared/domain/time.ts';
import {
  Button,
  ErrorNote,
  Section,
  SelectField,
  Time,
  useAction,
  useApp,
  useAppStore,
  useCoreNow,
} from '../ui/index.ts';
import { NotificationsSection } from './notifications-section.tsx';

/** Theme, density, zone, notifications, the shift's end. Every change holds at once. */
export function AppearanceSection() {
  const store = useAppStore();
  const settings = useApp((state) => state.settings);
  const readNow = useCoreNow();
  const save = useAction('app.saveSettings');
  const change = async (part: Partial<UiSettings>) => {
    const before = store.getState().settings;
    store.getState().setSettings({ ...before, ...part });
    const saved = await save.run(part);
    store.getState().setSettings(saved ?? before);
  };
  return (
    <div className="settings-form">
      <Section title="Screen">
        <SelectField<UiSettings['theme']>
          label="Theme"
          value={settings.theme}
          onChange={(theme) => void change({ theme })}
          options={[
            { value: 'dark', label: 'Dark' },
            { value: 'light', label: 'Light' },
            { value: 'high-contrast', label: 'High contrast' },
            { value: 'system', label: 'As the system' },
          ]}
        />
        <SelectField<UiSettings['density']>
          label="Density"
          value={settings.density}
          onChange={(density) => void change({ density })}
          options={[
            { value: 'compact', label: 'Compact' },
            { value: 'regular', label: 'Regular' },
            { value: 'comfortable', label: 'Comfortable' },
          ]}
        />
        <SelectField<UiSettings['zone']>
          label="Times"
          value={settings.zone}
          onChange={(zone) => void change({ zone })}
          options={[
            { value: 'utc', label: 'UTC' },
            { value: 'local', label: 'This machine’s zone' },
          ]}
          help="Stored times are always UTC, and so are reports."
        />
      </Section>
      <NotificationsSection settings={settings} onChange={(part) => void change(part)} />
      <Section title="Shift">
        <p>
          {settings.shiftEndsMs === null ? (
            'No end of the shift is set.'
          ) : (
            <>
              Ends <Time timeMs={settings.shiftEndsMs} />
            </>
          )}
        </p>
        <div className="row">
          {[4, 8, 12].map((hours) => (
            <Button
              key={hours}
              small
              onClick={() => void change({ shiftEndsMs: Math.round(readNow() + hours * hourMs) })}
            >
              Ends in {hours} h
            </Button>
          ))}
          {settings.shiftEndsMs === null ? null : (
            <Button small variant="quiet" onClick={() => void change({ shiftEndsMs: null })}>
              No end
            </Button>
          )}
        </div>
      </Section>
      {save.error ? <ErrorNote error={save.error} onDismiss={save.clearError} /> : null}
    </div>
  );
}
