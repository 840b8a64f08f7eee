import type { Root } from 'react-dom/client';
import type { AppRoot } from '../state/provider.tsx';
export function runWatchBench(_reactRoot: Root, _root: AppRoot): void {}
