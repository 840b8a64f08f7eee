import { LoadingState, Screen } from '../ui/index.ts';

export function ReportsScreen() {
  return (
    <Screen label="Reports">
      <LoadingState />
    </Screen>
  );
}
