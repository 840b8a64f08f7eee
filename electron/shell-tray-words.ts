/** What the sign in the tray says. */
export function trayWords(openCount: number): string {
  if (openCount === 0) return 'Watchfloor: nothing needs a person';
  const count = openCount.toLocaleString('en');
  return `Watchfloor: ${count} actionable ${openCount === 1 ? 'alert is' : 'alerts are'} open`;
}
