import { lazy, Suspense } from 'react';
import { BackTestScreen } from './backtest/back-test-screen.tsx';
import { CasesScreen } from './cases/cases-screen.tsx';
import { AnalystDialog } from './frame/analyst-dialog.tsx';
import { BottomBar } from './frame/bottom-bar.tsx';
import { ConnectionCover } from './frame/connection-cover.tsx';
import { useFrameCommands } from './frame/frame-commands.ts';
import { HelpSheet } from './frame/help-sheet.tsx';
import { Notices } from './frame/notices.tsx';
import { useNotifications } from './frame/notifications.ts';
import { Palette } from './frame/palette.tsx';
import { Rail } from './frame/rail.tsx';
import { Strip } from './frame/strip.tsx';
import { HandoverScreen } from './handover/handover-screen.tsx';
import { MitigateScreen } from './mitigate/mitigate-screen.tsx';
import { QueueScreen } from './queue/queue-screen.tsx';
import { UndoDialog } from './queue/undo-dialog.tsx';
import { ReportsScreen } from './reports/reports-screen.tsx';
import { OpenReviewDialog } from './review/open-review-dialog.tsx';
import { ReviewApp } from './review/review-app.tsx';
import { SettingsScreen } from './settings/settings-screen.tsx';
import type { ScreenName } from './state/screen.ts';
import { classNames, ErrorBoundary, LoadingState, useApp, useKeysWait } from './ui/index.ts';
import { WatchScreen } from './watch/watch-screen.tsx';
import './frame/frame.css';

const Gallery = lazy(() => import('./gallery/gallery-screen.tsx'));

interface AppProps {
  readonly onReconnect: (options: { take: boolean }) => void;
}

/** What the core shows: a workspace, or a case file in front of it. */
export function App({ onReconnect }: AppProps) {
  const review = useApp((state) => state.hello?.review ?? null);
  return review === null ? (
    <WorkspaceApp onReconnect={onReconnect} />
  ) : (
    <ReviewApp review={review} onReconnect={onReconnect} />
  );
}

/** The frame around every screen, and the screens. */
function WorkspaceApp({ onReconnect }: AppProps) {
  const screen = useApp((state) => state.screen);
  const hello = useApp((state) => state.hello);
  const simulated = hello?.simulated === true;
  const overlays = useFrameCommands();
  useNotifications();
  // What a key means is not known before the core has said what is open, and who is on watch.
  useKeysWait(useApp(({ connection }) => connection.kind === 'connecting' && hello === null));
  return (
    <div className={classNames('frame', simulated && 'is-simulated')}>
      <Rail />
      <div className="frame-main">
        <Strip />
        <Notices />
        <main className="frame-content">
          <ErrorBoundary key={`${hello?.workspace ?? 'none'} ${screen}`}>
            <CurrentScreen screen={screen} />
          </ErrorBoundary>
        </main>
        <BottomBar />
      </div>
      <ConnectionCover onReconnect={onReconnect} />
      {hello && hello.analyst === null ? <AnalystDialog first onClose={() => undefined} /> : null}
      {overlays.open === 'palette' ? <Palette onClose={overlays.close} /> : null}
      {overlays.open === 'help' ? <HelpSheet onClose={overlays.close} /> : null}
      {overlays.open === 'analyst' ? <AnalystDialog first={false} onClose={overlays.close} /> : null}
      {overlays.open === 'undo' ? <UndoDialog onClose={overlays.close} /> : null}
      {overlays.open === 'review' ? (
        <OpenReviewDialog path={overlays.reviewPath} onClose={overlays.close} />
      ) : null}
    </div>
  );
}

function CurrentScreen({ screen }: { readonly screen: ScreenName }) {
  switch (screen) {
    case 'watch':
      return <WatchScreen />;
    case 'queue':
      return <QueueScreen />;
    case 'cases':
      return <CasesScreen />;
    case 'mitigate':
      return <MitigateScreen />;
    case 'reports':
      return <ReportsScreen />;
    case 'settings':
      return <SettingsScreen />;
    case 'backtest':
      return <BackTestScreen />;
    case 'handover':
      return <HandoverScreen />;
    case 'gallery':
      return (
        <Suspense fallback={<LoadingState />}>
          <Gallery />
        </Suspense>
      );
  }
}
