/** An image that may be shown: its type by its own first bytes, whatever its name says, and its size in pixels. */
export interface ImageHeader {
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  readonly width: number;
  readonly height: number;
}

const ascii = (bytes: Uint8Array, at: number, text: string): boolean =>
  [...text].every((char, index) => bytes[at + index] === char.charCodeAt(0));

function png(view: DataView, bytes: Uint8Array): ImageHeader | null {
  if (!ascii(bytes, 1, 'PNG\r\n') || bytes[0] !== 0x89 || !ascii(bytes, 12, 'IHDR')) return null;
  return { mediaType: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
}

function gif(view: DataView, bytes: Uint8Array): ImageHeader | null {
  if (!ascii(bytes, 0, 'GIF87a') && !ascii(bytes, 0, 'GIF89a')) return null;
  return { mediaType: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/** The three kinds of WebP (RFC 9649): lossy, lossless, extended. */
function webp(view: DataView, bytes: Uint8Array): ImageHeader | null {
  if (!ascii(bytes, 0, 'RIFF') || !ascii(bytes, 8, 'WEBP')) return null;
  const size = (width: number, height: number): ImageHeader => ({ mediaType: 'image/webp', width, height });
  if (ascii(bytes, 12, 'VP8 '))
    return size(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
  if (ascii(bytes, 12, 'VP8L')) {
    const bits = view.getUint32(21, true);
    return size((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  if (!ascii(bytes, 12, 'VP8X')) return null;
  const of24 = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 0x1_0000 + 1;
  return size(of24(24), of24(27));
}

/** The size of a JPEG stands in its frame header, behind any number of other segments. */
function jpeg(view: DataView, bytes: Uint8Array): ImageHeader | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      return { mediaType: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** More pixels than any screenshot has; a small file can claim to be a huge image. */
const mostPixels = 60_000_000;

/**
 * What image bytes are, by their own header: PNG, JPEG, GIF or WebP.
 * @returns null where they are none of these, or claim more than 60 megapixels
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader | null {
  // The shortest that has all that is looked at.
  if (bytes.length < 32) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = png(view, bytes) ?? gif(view, bytes) ?? webp(view, bytes) ?? jpeg(view, bytes);
  if (header === null || header.width === 0 || header.height === 0) return null;
  return header.width * header.height > mostPixels ? null : header;
}
