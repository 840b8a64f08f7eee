import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readImageHeader } from './image-header.ts';

function bytesOf(...parts: readonly (string | readonly number[])[]): Uint8Array {
  const bytes = parts.flatMap((part) =>
    typeof part === 'string' ? [...part].map((char) => char.charCodeAt(0)) : part,
  );
  return Uint8Array.from([...bytes, ...Array.from({ length: 40 }, () => 0)]);
}
const png = (width: readonly number[], height: readonly number[]) =>
  bytesOf([0x89], 'PNG\r\n', [0x1a, 0x0a, 0, 0, 0, 13], 'IHDR', width, height);

describe('an image', () => {
  it.each([
    ['PNG', png([0, 0, 3, 0x20], [0, 0, 2, 0x58]), 'image/png', 800, 600],
    ['GIF', bytesOf('GIF89a', [0x20, 3, 0x58, 2]), 'image/gif', 800, 600],
    [
      'JPEG, behind another segment',
      bytesOf([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 17, 8, 2, 0x58, 3, 0x20]),
      'image/jpeg',
      800,
      600,
    ],
    [
      'WebP, lossy',
      bytesOf('RIFF', [0, 0, 0, 0], 'WEBPVP8 ', [0, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x20, 3, 0x58, 2]),
      'image/webp',
      800,
      600,
    ],
    [
      'WebP, extended',
      bytesOf('RIFF', [0, 0, 0, 0], 'WEBPVP8X', [10, 0, 0, 0, 0, 0, 0, 0, 0x1f, 3, 0, 0x57, 2, 0]),
      'image/webp',
      800,
      600,
    ],
  ])('is known by its bytes: %s', (_, bytes, mediaType, width, height) => {
    expect(readImageHeader(bytes)).toEqual({ mediaType, width, height });
  });

  it('is none where it is another thing, is empty, or claims to be huge', () => {
    expect(readImageHeader(bytesOf('<svg xmlns="http://www.w3.org/2000/svg" onload="x()">'))).toBeNull();
    expect(readImageHeader(bytesOf('<!doctype html><script>x()</script>'))).toBeNull();
    expect(readImageHeader(png([0, 0, 0, 0], [0, 0, 2, 0x58]))).toBeNull();
    expect(readImageHeader(png([0, 0, 0x80, 0], [0, 0, 0x80, 0]))).toBeNull();
    expect(readImageHeader(Uint8Array.of(0xff, 0xd8))).toBeNull();
  });

  it('is looked for in whatever bytes without a fault', () => {
    const begin = fc.constantFrom([], [0xff, 0xd8, 0xff], [0x89, 0x50], [0x47, 0x49, 0x46, 0x38]);
    fc.assert(
      fc.property(begin, fc.uint8Array({ maxLength: 200 }), (head, rest) => {
        readImageHeader(Uint8Array.from([...head, ...rest]));
      }),
    );
  });
});
