/**
 * The kit that every screen is built from. Look at it in the gallery (palette, "Open gallery").
 *
 * Data:    useCall / useAction / useCoreEvent / useClient (renderer/api/use-call.ts)
 * State:   useApp / useAppStore / useKeptState / useArrival (renderer/state/store.ts)
 * Keys:    useCommands (renderer/state/keys.ts): palette, help sheet and keys come from it
 * Text:    everything that came from outside goes through SafeText, CodeBlock or Markdown
 */
export * from '../api/use-call.ts';
export * from '../state/keys.ts';
export { useApp, useAppStore, useArrival, useCoreNow, useKeptState } from '../state/store.ts';
export { keysWaitFor, useKeysWait } from '../state/waiting-keys.ts';
export * from './badges.tsx';
export * from './button.tsx';
export * from './charts.tsx';
export * from './choice-list.tsx';
export { classNames } from './class-names.ts';
export * from './code-block.tsx';
export { copyText } from './copy.ts';
export * from './copy-button.tsx';
export * from './data-table.tsx';
export * from './dialog.tsx';
export { ErrorBoundary } from './error-boundary.tsx';
export * from './field.tsx';
export * from './form-dialog.tsx';
export { Icon, type IconName, iconNames } from './icon.tsx';
export { Kbd } from './kbd.tsx';
export * from './layout.tsx';
export { Markdown, type NoteImages, NoteImagesProvider } from './markdown.tsx';
export * from './menu.tsx';
export * from './observable-text.tsx';
export * from './radio-field.tsx';
export * from './remembered.ts';
export { SafeText, type SafeTextProps } from './safe-text.tsx';
export * from './signal-words.ts';
export * from './split-pane.tsx';
export * from './states.tsx';
export * from './tabs.tsx';
export * from './time.tsx';
export * from './tooltip.tsx';
export { useEachOnce } from './use-each-once.ts';
export * from './virtual-table.tsx';
export * from './window-chart.tsx';
