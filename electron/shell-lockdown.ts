import type { App, Session, WebContents, WebFrameMain } from 'electron';
import { caseFileOfAddress } from './shell-arguments.ts';
import { pageAddress, pageOrigin } from './shell-page.ts';

/** Writing plain text to the clipboard is all that a page of ours may ask of the system. */
const allowedPermissions: readonly string[] = ['clipboard-sanitized-write'];

/** Refuses every permission but the listed ones, asked for or merely queried. */
export function refusePermissions(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) => {
    answer(allowedPermissions.includes(permission) && isOwnAddress(contents.getURL()));
  });
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => allowedPermissions.includes(permission) && isOwnAddress(origin),
  );
  session.setDevicePermissionHandler(() => false);
}

/**
 * Keeps every page that is ever made where it is: no navigation, no new windows, no embedded web views.
 * @param onDropped told of a case file that was dropped on a window where nothing of the page takes it: Chromium would
 *   go to it
 */
export function refuseNavigation(app: App, onDropped: (path: string) => void): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      // Loading the page anew is no navigation away from it.
      if (event.url === pageAddress) return;
      event.preventDefault();
      const path = caseFileOfAddress(event.url);
      if (path !== null) onDropped(path);
    });
    contents.on('will-redirect', (event) => {
      event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => {
      event.preventDefault();
    });
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

/** Whether a message comes from our own page, from its top frame, in our own window. */
export function isTrustedSender(
  sender: WebContents,
  frame: WebFrameMain | null | undefined,
  page: WebContents | null,
): boolean {
  return (
    page !== null &&
    sender.id === page.id &&
    frame !== null &&
    frame !== undefined &&
    frame.parent === null &&
    isOwnAddress(frame.url)
  );
}

function isOwnAddress(address: string): boolean {
  return address === pageOrigin || address.startsWith(`${pageOrigin}/`);
}
