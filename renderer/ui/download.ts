/** base64 as bytes. */
export function bytesFromBase64(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

/** The text of UTF-8 bytes in base64. */
export function textFromBase64(base64: string): string {
  return new TextDecoder().decode(bytesFromBase64(base64));
}

/** A file as base64; rejects when it cannot be read. */
export function base64FromFile(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error ?? new Error('The file could not be read.'));
    reader.onload = () => {
      const url = typeof reader.result === 'string' ? reader.result : '';
      resolve(url.slice(url.indexOf(',') + 1));
    };
    reader.readAsDataURL(file);
  });
}

/** Offers bytes for saving under a name. The type is always one that no window opens by itself. */
export function offerDownload(name: string, mediaType: string, base64: string): void {
  offerFile(name, new Blob([bytesFromBase64(base64)], { type: mediaType }));
}

/** Offers a file for saving under a name; its type is one that no window opens by itself. */
export function offerFile(name: string, file: Blob): void {
  const url = URL.createObjectURL(file);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  // The browser has taken the address by then; later is only later.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
