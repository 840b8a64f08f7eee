import { useState } from 'react';
import type { UiSettings } from '../../shared/api/contract.ts';
import type { Lane } from '../../shared/domain/alert.ts';
import type { TestResult } from '../../shared/domain/connection.ts';
import {
  defaultNotificationSettings,
  isPushAddress,
  type LeastSeverity,
  type NotificationSettings,
} from '../../shared/domain/notification.ts';
import {
  Button,
  CheckboxField,
  NumberField,
  SecretField,
  Section,
  SelectField,
  TextField,
  useAction,
  useCall,
} from '../ui/index.ts';
import { minuteOf, minuteWords } from './notification-words.ts';

const leastOptions: readonly { readonly value: LeastSeverity; readonly label: string }[] = [
  { value: 'never', label: 'Never' },
  { value: 'critical', label: 'Critical alone' },
  { value: 'high', label: 'High and above' },
  { value: 'medium', label: 'Medium and above' },
  { value: 'low', label: 'Low and above' },
  { value: 'informational', label: 'Every one' },
];

const ways = [
  { way: 'desktop', label: 'Desktop message' },
  { way: 'sound', label: 'Sound' },
] as const;
const lanes: readonly { readonly lane: Lane; readonly label: string }[] = [
  { lane: 'actionable', label: 'actionable' },
  { lane: 'informational', label: 'informational' },
];

const nightHours = { fromMinute: 22 * 60, toMinute: 6 * 60 };

/** When somebody is told of alerts, by which means, and when not. */
export function NotificationsSection({
  settings,
  onChange,
}: {
  readonly settings: UiSettings;
  readonly onChange: (part: Partial<UiSettings>) => void;
}) {
  const { notifications } = settings;
  const change = (part: Partial<NotificationSettings>) =>
    onChange({ notifications: { ...notifications, ...part } });
  const { quietHours, escalateAfterMinutes } = notifications;
  const zone = settings.zone === 'utc' ? 'UTC' : 'this machine’s time';
  return (
    <Section title="Notifications">
      <CheckboxField
        label="Sounds"
        checked={settings.sound}
        onChange={(sound) => onChange({ sound })}
        help="Off silences all of them at once. What comes together is told once, as a summary."
      />
      {ways.map(({ way, label }) => (
        <div key={way} className="field-pair">
          {lanes.map(({ lane, label: laneLabel }) => (
            <SelectField<LeastSeverity>
              key={lane}
              label={`${label}, ${laneLabel}`}
              value={notifications[way][lane]}
              options={leastOptions}
              onChange={(least) => change({ [way]: { ...notifications[way], [lane]: least } })}
              {...(way === 'desktop' && lane === 'actionable'
                ? { help: 'Of the desktop app; a browser shows none.' }
                : {})}
            />
          ))}
        </div>
      ))}
      <WebhookFields settings={notifications} onChange={change} />
      <CheckboxField
        label="Quiet hours"
        checked={quietHours !== null}
        onChange={(on) => change({ quietHours: on ? nightHours : null })}
        help="In them only what is critical and actionable is told."
      />
      {quietHours === null ? null : (
        <div className="field-pair">
          <MinuteField
            label={`From (${zone})`}
            minute={quietHours.fromMinute}
            onChange={(fromMinute) => change({ quietHours: { ...quietHours, fromMinute } })}
          />
          <MinuteField
            label={`To (${zone})`}
            minute={quietHours.toMinute}
            onChange={(toMinute) => change({ quietHours: { ...quietHours, toMinute } })}
          />
        </div>
      )}
      <CheckboxField
        label="Tell again when nobody acknowledges"
        checked={escalateAfterMinutes !== null}
        onChange={(on) =>
          change({ escalateAfterMinutes: on ? defaultNotificationSettings.escalateAfterMinutes : null })
        }
        help="For actionable alerts, once: by the means above and on the screen."
      />
      {escalateAfterMinutes === null ? null : (
        <NumberField
          label="After (min)"
          value={escalateAfterMinutes}
          min={1}
          max={1440}
          step={1}
          onChange={(minutes) => {
            if (minutes !== null && Number.isInteger(minutes) && minutes >= 1 && minutes <= 1440) {
              change({ escalateAfterMinutes: minutes });
            }
          }}
        />
      )}
    </Section>
  );
}

/** Pushes to a server: where to, from which severity on, signed with what, and whether the last one arrived. */
function WebhookFields({
  settings,
  onChange,
}: {
  readonly settings: NotificationSettings;
  readonly onChange: (part: Partial<NotificationSettings>) => void;
}) {
  const { webhook } = settings;
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [secret, setSecret] = useState<string | null | undefined>(undefined);
  const state = useCall('notifications.webhook', {}, { everyMs: 10_000 });
  const saveSecret = useAction('notifications.setSecret');
  const test = useAction('notifications.test');
  const [result, setResult] = useState<TestResult | null>(null);
  const isWrong = url !== '' && !isPushAddress(url);
  const isShort = typeof secret === 'string' && secret.length < 16;
  return (
    <>
      <TextField
        label="Push to a server"
        value={url}
        placeholder="https://hooks.example/alerts"
        help="JSON, signed with HMAC-SHA256 as our own webhook source takes it. Empty for none."
        onChange={(text) => {
          setUrl(text);
          if (text === '') onChange({ webhook: null });
          else if (isPushAddress(text))
            onChange({ webhook: { url: text, least: webhook?.least ?? settings.desktop } });
        }}
        {...(isWrong
          ? { error: 'An address that begins with http:// or https://, without a password or a ?.' }
          : {})}
      />
      {webhook === null ? null : (
        <>
          <div className="field-pair">
            {lanes.map(({ lane, label }) => (
              <SelectField<LeastSeverity>
                key={lane}
                label={`Push, ${label}`}
                value={webhook.least[lane]}
                options={leastOptions}
                onChange={(least) =>
                  onChange({ webhook: { ...webhook, least: { ...webhook.least, [lane]: least } } })
                }
              />
            ))}
          </div>
          <SecretField
            label="Signing secret"
            isSet={state.data?.hasSecret ?? false}
            value={secret}
            onChange={setSecret}
            {...(isShort ? { error: 'At least 16 characters.' } : {})}
          />
          <div className="row">
            {secret === undefined ? null : (
              <Button
                small
                disabled={isShort || saveSecret.running}
                onClick={() => {
                  void saveSecret.run({ secret }).then((saved) => {
                    if (!saved) return;
                    setSecret(undefined);
                    state.refetch();
                  });
                }}
              >
                Save the secret
              </Button>
            )}
            <Button
              small
              disabled={test.running}
              onClick={() => void test.run({}).then((done) => setResult(done ?? null))}
            >
              Push a test
            </Button>
            <span role="status" className="secondary small">
              {result?.lines.map(({ text }) => text).join(' ') ??
                (state.data?.problem ? `The last push was given up: ${state.data.problem}` : '')}
            </span>
          </div>
        </>
      )}
    </>
  );
}

/** A time of the day. What is not one changes nothing until it is. */
function MinuteField({
  label,
  minute,
  onChange,
}: {
  readonly label: string;
  readonly minute: number;
  readonly onChange: (minute: number) => void;
}) {
  const [typed, setTyped] = useState(minuteWords(minute));
  const read = minuteOf(typed);
  return (
    <TextField
      label={label}
      value={typed}
      onChange={(text) => {
        setTyped(text);
        const next = minuteOf(text);
        if (next !== null) onChange(next);
      }}
      {...(read === null ? { error: 'A time of the day, like 22:00.' } : {})}
    />
  );
}
