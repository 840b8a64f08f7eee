/** What the page's content security policy leaves open besides its own files. */
export type ContentPolicyInput = {
  /** Origins that the page may connect to beside its own: the host's WebSocket. */
  readonly connect?: readonly string[];
  /** Hashes (`sha256-…`) of style sheets in documents that the page shows in a sandboxed frame: the report. */
  readonly styleHashes?: readonly string[];
};

/**
 * The one content security policy of the app, for the shell and the loopback host alike. No inline script, no inline
 * style sheet, nothing from elsewhere, no frame around us.
 */
export function contentPolicy(input: ContentPolicyInput = {}): string {
  const styleHashes = (input.styleHashes ?? []).map((hash) => ` '${hash}'`).join('');
  const connect = (input.connect ?? []).map((origin) => ` ${origin}`).join('');
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${styleHashes}`,
    "img-src 'self' data: blob:",
    "media-src 'self'",
    "font-src 'self' data:",
    `connect-src 'self'${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}
