import type { Handlers } from '../../shared/api/server.ts';

/** Evidence of the made-up core: plain, as where secrets are not protected. */
export function fakeEvidence(): Pick<Handlers, 'app.evidenceProtection'> {
  return {
    'app.evidenceProtection': () => ({
      isEncrypting: false,
      encrypted: 0,
      plain: 3,
      unreadable: 0,
      unreadableFiles: [],
    }),
  };
}
