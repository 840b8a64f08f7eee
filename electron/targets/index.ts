import { haproxyTargetKind } from './haproxy.ts';
import { rangeEdgeTargetKind } from './range-edge.ts';
import type { TargetKind } from './target.ts';

/** Every kind of target, in the order of the form. Adding a target is one file and one line here. */
export const targetKinds: readonly TargetKind[] = [haproxyTargetKind, rangeEdgeTargetKind];
