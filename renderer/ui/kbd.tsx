/** Keys as they are pressed: `Ctrl+K` or `g w`. Drawn beside what they do; screen readers get `aria-keyshortcuts`. */
export function Kbd({ keys }: { readonly keys: string }) {
  const chords = keys.split(' ');
  return (
    <span className="kbd-group" aria-hidden="true">
      {chords.map((chord, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the order of chords is their identity
        <kbd key={index} className="kbd">
          {showChord(chord)}
        </kbd>
      ))}
    </span>
  );
}

function showChord(chord: string): string {
  return chord
    .replace('Escape', 'Esc')
    .replace('ArrowUp', '↑')
    .replace('ArrowDown', '↓')
    .replace('ArrowLeft', '←')
    .replace('ArrowRight', '→')
    .replace('Space', '␣')
    .replace(/\+[a-z]$/, (letter) => letter.toUpperCase());
}
