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

const sectionIds = [
  'sources',
  'targets',
  'customers',
  'signals',
  'noise',
  'lessons',
  'appearance',
  'storage',
  'audit',
] as const;
type SectionId = (typeof sectionIds)[number];

const sectionWords = {
  sources: 'Sources',
  targets: 'Targets',
  customers: 'Customers',
  signals: 'Signals',
  noise: 'Noise',
  lessons: 'Lessons',
  appearance: 'Appearance',
  storage: 'Storage and secrets',
  audit: 'Audit log',
} as const satisfies Record<SectionId, string>;

/** What Watchfloor is connected to, whom it watches, and how it looks. */
export function SettingsScreen() {
  const [section, setSection] = useKeptState<SectionId>('settings.section', 'sources');
  const [connectionId, setConnectionId] = useKeptState<string | null>('settings.connection', null);
  const signalCount = useApp((state) => state.signals.length);
  useArrival('settings', (destination) => {
    const wanted = sectionIds.find((id) => id === destination.section);
    if (wanted) setSection(wanted);
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
      keys: [String(index + 1)],
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
          keys: String(index + 1),
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
