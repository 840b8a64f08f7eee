import { LoadingState, Screen } from '../ui/index.ts';

export function CasesScreen() {
  return (
    <Screen label="Cases">
      <LoadingState />
    </Screen>
  );
}
