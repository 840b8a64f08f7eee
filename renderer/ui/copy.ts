/**
 * Puts a text on the clipboard. Works where the Clipboard API is refused, too, through a hidden field.
 * @returns whether it worked
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A modal dialog makes everything outside of it inert, so the field is put into the open one.
    const host = document.querySelector('dialog[open]') ?? document.body;
    const field = document.createElement('textarea');
    field.value = text;
    field.setAttribute('aria-hidden', 'true');
    field.className = 'visually-hidden';
    host.append(field);
    field.select();
    const copied = document.execCommand('copy');
    field.remove();
    return copied;
  }
}
