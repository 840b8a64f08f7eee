import { useState } from 'react';
import type { EvidenceProtection } from '../../shared/domain/evidence-protection.ts';
import { dayMs } from '../../shared/domain/time.ts';
import {
  Button,
  CallView,
  CopyButton,
  ErrorNote,
  Facts,
  Notice,
  NumberField,
  SafeText,
  Section,
  useAction,
  useApp,
  useAppStore,
  useCall,
} from '../ui/index.ts';
import { evidenceSentence, notEncrypted } from './evidence-words.ts';

/** Which evidence is encrypted with a key that is not here. */
function UnreadableEvidence({ state }: { readonly state: EvidenceProtection }) {
  const { unreadable, unreadableFiles } = state;
  const more = unreadable - unreadableFiles.length;
  return (
    <Notice tone="warning">
      <p>
        {unreadable === 1
          ? '1 piece of evidence is encrypted with a key that is not available here. It was not changed, and opens again where the key is.'
          : `${unreadable} pieces of evidence are encrypted with a key that is not available here. They were not changed, and open again where the key is.`}
      </p>
      <ul>
        {unreadableFiles.map(({ sha256, name }) => (
          <li key={sha256}>
            <SafeText text={name ?? 'Of no case'} /> <span className="mono">{sha256.slice(0, 16)}…</span>
          </li>
        ))}
        {more > 0 ? <li>{more} more</li> : null}
      </ul>
    </Notice>
  );
}

/** Where data and secrets lie, and what of it is encrypted, and how much of what can be forgotten is kept. */
export function StorageSection() {
  const store = useAppStore();
  const hello = useApp((state) => state.hello);
  const settings = useApp((state) => state.settings);
  const notify = useApp((state) => state.notify);
  const save = useAction('app.saveSettings');
  const [budget, setBudget] = useState<number | null>(Math.round(settings.contextBudgetBytes / 1e6));
  const [days, setDays] = useState<number | null>(Math.round(settings.sampleRetentionMs / dayMs));
  const evidence = useCall('app.evidenceProtection', {}, { everyMs: 10_000 });
  const valid = budget !== null && budget >= 1 && days !== null && days >= 1;
  const submit = async () => {
    if (!valid) return;
    const saved = await save.run({
      contextBudgetBytes: Math.round(budget * 1e6),
      sampleRetentionMs: Math.round(days * dayMs),
    });
    if (saved === null) return;
    store.getState().setSettings(saved);
    notify({ text: 'Saved what is kept', tone: 'good' });
  };
  return (
    <div className="settings-form">
      <Section title="Data">
        <Facts
          items={[
            {
              name: 'Data directory',
              value: (
                <span className="path-value">
                  <span className="mono">{hello?.dataDirectory ?? 'not known'}</span>
                  {hello ? (
                    <CopyButton text={hello.dataDirectory} label="Copy the data directory" iconOnly />
                  ) : null}
                </span>
              ),
            },
            { name: 'Workspace', value: hello?.workspace === 'range' ? 'Range (simulated)' : 'Live' },
            { name: 'Version', value: hello?.appVersion ?? 'not known' },
          ]}
        />
      </Section>
      <Section title="Secrets">
        <Notice tone={hello?.secretStore.protected ? 'good' : 'warning'}>
          {hello?.secretStore.sentence ?? 'Not known yet.'}
        </Notice>
      </Section>
      <Section title="Evidence">
        <CallView call={evidence}>
          {(state) => (
            <>
              <Notice tone={state.isEncrypting ? 'good' : 'warning'}>{evidenceSentence(state)}</Notice>
              {state.unreadable > 0 ? <UnreadableEvidence state={state} /> : null}
            </>
          )}
        </CallView>
      </Section>
      <Section title="Never encrypted here">
        <p>Encrypt the disk of this computer to protect these.</p>
        <Facts items={notEncrypted} />
      </Section>
      <Section title="Kept for">
        <NumberField
          label="Samples of signals"
          value={days}
          onChange={setDays}
          min={1}
          unit="days"
          help="Roll-ups, findings, and what is saved with cases stay."
        />
        <NumberField
          label="Context events"
          value={budget}
          onChange={setBudget}
          min={1}
          unit="MB"
          help="The oldest are forgotten first. Alerts, cases and the audit log are never pruned."
        />
        <div className="row">
          <Button variant="primary" busy={save.running} disabled={!valid} onClick={() => void submit()}>
            Save
          </Button>
        </div>
        {save.error ? <ErrorNote error={save.error} onDismiss={save.clearError} /> : null}
      </Section>
    </div>
  );
}
