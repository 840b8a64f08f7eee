/** SHA-1, lent by the caller, of bytes given in hex and a text as UTF-8 after them; lower-case hex. */
export type Sha1 = (prefixHex: string, text: string) => string;

/** The UUID of a name within a namespace, version 5 of RFC 9562: the same name has the same one everywhere. */
export function nameUuid(namespace: string, name: string, sha1: Sha1): string {
  const digest = sha1(namespace.replaceAll('-', ''), name);
  const variant = ((Number.parseInt(digest.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `5${digest.slice(13, 16)}`,
    `${variant}${digest.slice(18, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}
