import { Screen } from '../ui/index.ts';
export function WatchScreen() {
  return <Screen label="Watch">watch</Screen>;
}
