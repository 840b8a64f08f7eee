import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { type Protocol, protocol } from 'electron';
import { contentPolicy } from '../shared/api/content-policy.ts';

/** The page's own scheme and origin: not `file:`, which may read every file of the user. */
export const pageScheme = 'app';
export const pageOrigin = `${pageScheme}://watchfloor`;
export const pageAddress = `${pageOrigin}/index.html`;

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wav': 'audio/wav',
  '.ogg': 'audio/ogg',
  '.mp3': 'audio/mpeg',
};

/** Must be called before the app is ready: schemes get their rights once. */
export function registerPageScheme(otherSchemes: readonly Electron.CustomScheme[]): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ...otherSchemes,
  ]);
}

/** The file that an address of the page's scheme names, or null when it names none of ours. */
export function fileOfAddress(address: string, folder: string): string | null {
  const url = new URL(address);
  if (url.host !== 'watchfloor') return null;
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    return null;
  }
  if (path.includes('\0')) return null;
  const file = normalize(join(folder, path));
  return file.startsWith(folder + sep) && extname(file) in mediaTypes ? file : null;
}

/** Serves the built renderer, and nothing beside it, under the page's scheme. */
export function servePage(sessionProtocol: Protocol, folder: string, styleHashes: readonly string[]): void {
  const headers = {
    'content-security-policy': contentPolicy({ styleHashes }),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  };
  sessionProtocol.handle(pageScheme, async (request) => {
    const file = request.method === 'GET' ? fileOfAddress(request.url, folder) : null;
    if (file === null) return new Response('There is no such file.', { status: 404, headers });
    try {
      const bytes = await readFile(file);
      return new Response(new Uint8Array(bytes), {
        headers: { ...headers, 'content-type': mediaTypes[extname(file)] ?? 'application/octet-stream' },
      });
    } catch {
      return new Response('There is no such file.', { status: 404, headers });
    }
  });
}
