import { BrowserWindow, session } from 'electron';

/** The scheme that a document to be printed is loaded under: large documents do not fit a `data:` address. */
export const printScheme = 'watchfloor-print';

/** Rights of the print scheme, registered with the page's own before the app is ready. */
export const printSchemeRights: Electron.CustomScheme = {
  scheme: printScheme,
  privileges: { standard: true, secure: true },
};

const printTimeoutMs = 60_000;
const printPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'";

let documentToPrint = '';
let isPrepared = false;
/** One document at a time: they share one partition. */
let last: Promise<unknown> = Promise.resolve();

/** A partition of its own, in memory: no cookies, no cache, no network, no permission. */
function printSession(): Electron.Session {
  const own = session.fromPartition('watchfloor-print', { cache: false });
  if (!isPrepared) {
    isPrepared = true;
    own.protocol.handle(
      printScheme,
      () =>
        new Response(documentToPrint, {
          headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': printPolicy },
        }),
    );
    own.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
    own.setPermissionCheckHandler(() => false);
    own.webRequest.onBeforeRequest((details, answer) => {
      answer({ cancel: !/^(watchfloor-print|data):/.test(details.url) });
    });
    own.on('will-download', (event) => event.preventDefault());
  }
  return own;
}

async function print(html: string, options: { readonly landscape: boolean }): Promise<Uint8Array> {
  documentToPrint = html;
  const window = new BrowserWindow({
    show: false,
    width: 794,
    height: 1123,
    webPreferences: {
      session: printSession(),
      javascript: false,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      images: true,
      webgl: false,
      spellcheck: false,
    },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const work = async () => {
      await window.loadURL(`${printScheme}://document/`);
      const bytes = await window.webContents.printToPDF({
        landscape: options.landscape,
        printBackground: true,
        preferCSSPageSize: true,
        pageSize: 'A4',
        generateTaggedPDF: true,
        generateDocumentOutline: true,
      });
      return new Uint8Array(bytes);
    };
    const tooLong = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('Printing took longer than a minute.')), printTimeoutMs);
    });
    return await Promise.race([work(), tooLong]);
  } finally {
    clearTimeout(timer);
    documentToPrint = '';
    window.destroy();
  }
}

/**
 * Prints a self-contained HTML document on A4 to PDF, with scripts off and nothing loaded from anywhere.
 *
 * @throws {Error} when it takes longer than a minute or Chromium cannot print it
 */
export function printToPdf(html: string, options: { readonly landscape: boolean }): Promise<Uint8Array> {
  const result = last.then(() => print(html, options));
  last = result.catch(() => undefined);
  return result;
}
