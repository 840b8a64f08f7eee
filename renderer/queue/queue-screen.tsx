import { LoadingState, Screen } from '../ui/index.ts';

export function QueueScreen() {
  return (
    <Screen label="Queue">
      <LoadingState />
    </Screen>
  );
}
