import { LoadingState, Screen } from '../ui/index.ts';

export function MitigateScreen() {
  return (
    <Screen label="Mitigate">
      <LoadingState />
    </Screen>
  );
}
