import './no-generated-code.ts';
import { createRoot } from 'react-dom/client';
import { connectHost, connectShell, takeToken } from './api/connect.ts';
import { createHub } from './api/hub.ts';
import { App } from './app.tsx';
import { followSession } from './state/follow-session.ts';
import { createKeysStore } from './state/keys.ts';
import { createLiveSamples } from './state/live-samples.ts';
import { AppProvider, type AppRoot } from './state/provider.tsx';
import { createAppStore } from './state/store.ts';
import './ui/styles.ts';

/** 1. What lives once a page. */
const root: AppRoot = {
  hub: createHub(),
  store: createAppStore(),
  keys: createKeysStore(),
  live: createLiveSamples(),
};
const element = document.getElementById('root');
if (!element) throw new Error('The page has no root element.');
const reactRoot = createRoot(element);
const query = new URLSearchParams(window.location.search);

/** 2. Pages that need no core are loaded only when they are asked for. */
if (query.get('bench') === 'watch') {
  const { runWatchBench } = await import('./bench/watch-bench.tsx');
  runWatchBench(reactRoot, root);
} else {
  followSession(root);
  /** 3. The port: shown data comes from a core beside the shell, from the loopback host, or is made up on request. */
  let reconnect: (options: { take: boolean }) => void = () => window.location.reload();
  if (query.has('gallery') || query.has('demo')) {
    const { connectFakeCore } = await import('./testing/fake-core.ts');
    connectFakeCore(root, query.get('demo') ?? 'busy');
    if (query.has('gallery')) root.store.getState().goTo('gallery');
  } else if (window.location.protocol.startsWith('http')) {
    const token = takeToken(window.location, window.sessionStorage, (url) =>
      window.history.replaceState(null, '', url),
    );
    reconnect = connectHost(root, token);
  } else {
    connectShell(root);
  }
  /** 4. The screens. */
  reactRoot.render(
    <AppProvider root={root}>
      <App onReconnect={reconnect} />
    </AppProvider>,
  );
}
