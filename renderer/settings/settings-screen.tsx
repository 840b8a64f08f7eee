import './settings.css';
import { Screen, Tabs, useApp, useArrival, useCommands, useKeptState } from '../ui/index.ts';
import { AppearanceSection } from './appearance-section.tsx';
import { AuditSection } from './audit-section.tsx';
import { ConnectionsSection } from './connections-section.tsx';
import { CustomersSection } from './customers-section.tsx';
import { LessonsSection } from './lessons-section.tsx';
import { NoiseSection } from './noise-section.tsx';
import { SignalsSection } from './signals-section.tsx';
import { StorageSection } from './storage-section.tsx';
import { SuppressionsSection } from './suppressions-section.tsx';

const sectionIds = [
  'sources',
  'targets',
  'customers',
  'signals',
  'suppressions',
  'noise',
  'lessons',
  'appearance',
  'storage',
  'audit',
] as const;
/** The digits as they lie on the keyboard: 0 is the tenth. */
const tabKey = (index: number) => String((index + 1) % 10);
type SectionId = (typeof sectionIds)[number];

const sectionWords = {
  sources: 'Sources',
  targets: 'Targets',
  customers: 'Customers',
  signals: 'Signals',
  suppressions: 'Suppressions',
  noise: 'Noise',
  lessons: 'Lessons',
  appearance: 'Appearance',
  storage: 'Storage',
  audit: 'Audit log',
} as const satisfies Record<SectionId, string>;

/** What Watchfloor is connected to, whom it watches, and how it looks. */
export function SettingsScreen() {
  const [section, setSection] = useKeptState<SectionId>('settings.section', 'sources');
  const [connectionId, setConnectionId] = useKeptState<string | null>('settings.connection', null);
  const [suppressionId, setSuppressionId] = useKeptState<string | null>('settings.suppression', null);
  const signalCount = useApp((state) => state.signals.length);
  useArrival('settings', (destination) => {
    const wanted = sectionIds.find((id) => id === destination.section);
    if (wanted) setSection(wanted);
    if (destination.suppressionId !== undefined) setSuppressionId(destination.suppressionId);
    if (destination.connectionId !== undefined) {
      if (!wanted) setSection('sources');
      setConnectionId(destination.connectionId);
    }
  });
  useCommands(
    sectionIds.map((id, index) => ({
      id: `settings.${id}`,
      title: `Settings: ${sectionWords[id].toLowerCase()}`,
      group: 'Settings',
      keys: [tabKey(index)],
      run: () => setSection(id),
    })),
  );
  return (
    <Screen label="Settings">
      <Tabs<SectionId>
        label="Settings"
        active={section}
        onChange={setSection}
        tabs={sectionIds.map((id, index) => ({
          id,
          label: sectionWords[id],
          keys: tabKey(index),
          ...(id === 'signals' ? { count: signalCount } : {}),
        }))}
      >
        {section === 'sources' || section === 'targets' ? (
          <ConnectionsSection
            key={section}
            role={section === 'sources' ? 'source' : 'target'}
            openId={connectionId}
            onOpen={setConnectionId}
          />
        ) : null}
        {section === 'customers' ? <CustomersSection /> : null}
        {section === 'signals' ? <SignalsSection /> : null}
        {section === 'suppressions' ? (
          <SuppressionsSection openId={suppressionId} onOpen={setSuppressionId} />
        ) : null}
        {section === 'noise' ? <NoiseSection /> : null}
        {section === 'lessons' ? <LessonsSection /> : null}
        {section === 'appearance' || section === 'storage' ? (
          <h2 className="visually-hidden">{sectionWords[section]}</h2>
        ) : null}
        {section === 'appearance' ? <AppearanceSection /> : null}
        {section === 'storage' ? <StorageSection /> : null}
        {section === 'audit' ? <AuditSection /> : null}
      </Tabs>
    </Screen>
  );
}
