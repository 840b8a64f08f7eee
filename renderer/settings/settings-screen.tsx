import { LoadingState, Screen } from '../ui/index.ts';

export function SettingsScreen() {
  return (
    <Screen label="Settings">
      <LoadingState />
    </Screen>
  );
}
