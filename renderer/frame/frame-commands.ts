import { useCallback, useState } from 'react';
import type { ScreenName } from '../state/screen.ts';
import type { IconName } from '../ui/icon.tsx';
import { type Command, useAction, useApp, useAppStore, useCommands, useCoreEvent } from '../ui/index.ts';

/** The screens in the order of the rail, with the key after `g`. */
export const places = [
  { screen: 'watch', label: 'Watch', key: 'w', icon: 'watch' },
  { screen: 'queue', label: 'Queue', key: 'q', icon: 'queue' },
  { screen: 'cases', label: 'Cases', key: 'c', icon: 'cases' },
  { screen: 'mitigate', label: 'Mitigate', key: 'm', icon: 'mitigate' },
  { screen: 'reports', label: 'Reports', key: 'r', icon: 'reports' },
  { screen: 'settings', label: 'Sources and settings', key: 's', icon: 'settings' },
] as const satisfies readonly { screen: ScreenName; label: string; key: string; icon: IconName }[];

export type Overlay = 'palette' | 'help' | 'analyst' | 'review' | 'undo';

/** Registers what can be done from everywhere; says which overlay is open. */
export function useFrameCommands(): {
  readonly open: Overlay | null;
  /** The case file that was opened from outside; null lets it be named. */
  readonly reviewPath: string | null;
  readonly close: () => void;
} {
  const store = useAppStore();
  const [open, setOpen] = useState<Overlay | null>(null);
  const [reviewPath, setReviewPath] = useState<string | null>(null);
  const close = useCallback(() => setOpen(null), []);
  const askForReview = (path: string | null) => {
    setReviewPath(path);
    setOpen('review');
  };
  useCoreEvent('review.requested', ({ path }) => askForReview(path));
  const settings = useApp((state) => state.settings);
  const hello = useApp((state) => state.hello);
  const brush = useApp((state) => state.brush);
  const save = useAction('app.saveSettings');
  const openWorkspace = useAction('app.openWorkspace');
  const range = useApp((state) => state.range);
  const startScenario = useAction('range.start');
  const customers = useApp((state) => state.customers);
  const stopScenarios = useAction('range.stop');

  const themes = ['dark', 'light', 'high-contrast', 'system'] as const;
  const densities = ['compact', 'regular', 'comfortable'] as const;
  const commands: Command[] = [
    ...places.map((place) => ({
      id: `go.${place.screen}`,
      title: `Go to ${place.label.toLowerCase()}`,
      group: 'Go to',
      keys: [`g ${place.key}`],
      run: () => store.getState().goTo(place.screen),
    })),
    {
      id: 'go.backtest',
      title: 'Back-test detection',
      group: 'Go to',
      keys: ['g b'],
      run: () => store.getState().goTo('backtest'),
    },
    {
      id: 'go.handover',
      title: 'Go to the shift handover',
      group: 'Go to',
      keys: ['g h'],
      run: () => store.getState().goTo('handover'),
    },
    {
      id: 'go.noise',
      title: 'Show noise against budgets',
      group: 'Go to',
      run: () => store.getState().goTo('settings', { section: 'noise' }),
    },
    {
      id: 'go.lessons',
      title: 'Show what verdicts taught',
      group: 'Go to',
      run: () => store.getState().goTo('settings', { section: 'lessons' }),
    },
    {
      id: 'app.palette',
      title: 'Find a command',
      group: 'Everywhere',
      keys: ['Ctrl+K'],
      whileTyping: true,
      run: () => setOpen('palette'),
    },
    { id: 'app.help', title: 'Show all keys', group: 'Everywhere', keys: ['?'], run: () => setOpen('help') },
    {
      id: 'app.undo',
      title: 'Undo the last change',
      group: 'Everywhere',
      keys: ['u'],
      run: () => {
        // What was just said to be done; what is longer ago is shown first.
        if (!store.getState().undoLast()) setOpen('undo');
      },
    },
    {
      id: 'app.clear-brush',
      title: 'Clear the brushed time range',
      group: 'Everywhere',
      enabled: brush !== null,
      run: () => store.getState().setBrush(null),
    },
    {
      id: 'app.gallery',
      title: 'Open gallery',
      group: 'Everywhere',
      run: () => store.getState().goTo('gallery'),
    },
    {
      id: 'review.open',
      title: 'Open a case file for review',
      group: 'Everywhere',
      run: () => askForReview(null),
    },
    {
      id: 'app.switch-analyst',
      title: 'Switch analyst',
      group: 'Everywhere',
      run: () => setOpen('analyst'),
    },
    ...(hello?.workspace === 'range'
      ? [
          {
            id: 'app.leave-range',
            title: 'Leave the range',
            group: 'Everywhere',
            run: () => void openWorkspace.run({ workspace: 'live' }),
          },
        ]
      : [
          {
            id: 'app.enter-range',
            title: 'Enter the range (simulated network)',
            group: 'Everywhere',
            run: () => void openWorkspace.run({ workspace: 'range' }),
          },
        ]),
    ...(range?.running
      ? [
          ...range.scenarios.map((scenario) => ({
            id: `range.start.${scenario.name}`,
            title: `Start in the range: ${scenario.label}`,
            group: 'Range',
            enabled: range.historyProgress >= 1,
            run: () => void startScenario.run({ scenario: scenario.name, customerId: null }),
          })),
          ...range.scenarios.flatMap((scenario) =>
            customers.map((customer) => ({
              id: `range.start.${scenario.name}.${customer.id}`,
              title: `Start in the range: ${scenario.label} against ${customer.name}`,
              group: 'Range',
              enabled: range.historyProgress >= 1,
              run: () => void startScenario.run({ scenario: scenario.name, customerId: customer.id }),
            })),
          ),
          {
            id: 'range.stop',
            title: 'Stop what runs in the range',
            group: 'Range',
            enabled: range.active.length > 0,
            run: () => void stopScenarios.run({}),
          },
        ]
      : []),
    ...themes.map((theme) => ({
      id: `theme.${theme}`,
      title: `Use the ${theme === 'system' ? "system's" : theme} theme`,
      group: 'Appearance',
      enabled: settings.theme !== theme,
      run: () => void save.run({ theme }),
    })),
    ...densities.map((density) => ({
      id: `density.${density}`,
      title: `Use ${density} rows`,
      group: 'Appearance',
      enabled: settings.density !== density,
      run: () => void save.run({ density }),
    })),
    {
      id: 'zone.toggle',
      title: settings.zone === 'utc' ? 'Show local time' : 'Show UTC',
      group: 'Appearance',
      run: () => void save.run({ zone: settings.zone === 'utc' ? 'local' : 'utc' }),
    },
    {
      id: 'sound.toggle',
      title: settings.sound ? 'Turn sound off' : 'Turn sound on',
      group: 'Appearance',
      run: () => void save.run({ sound: !settings.sound }),
    },
  ];
  useCommands(commands, 'app');
  return { open, reviewPath, close };
}
