/**
 * The report's only style sheet. A report carries a content policy that names this text by its hash and nothing else,
 * so no style from a text of others could take effect even if it came to be markup.
 */
export const reportStyle = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { background: #fff; color: #15191f; font: 13px/1.54 Inter, "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", Arial, sans-serif; }
body { margin: 0 auto; max-width: 900px; padding: 0 24px; font-variant-numeric: tabular-nums; }
h1 { font-size: 24px; line-height: 32px; font-weight: 650; letter-spacing: -0.01em; margin: 4px 0 8px; overflow-wrap: anywhere; }
h2 { font-size: 16px; line-height: 24px; font-weight: 650; margin: 32px 0 8px; padding-top: 8px; border-top: 1px solid #15191f; break-after: avoid; }
h3 { font-size: 13px; line-height: 20px; font-weight: 650; margin: 16px 0 4px; break-after: avoid; overflow-wrap: anywhere; }
p, ul, ol { margin: 4px 0 8px; }
ul, ol { padding-left: 20px; }
li { margin: 2px 0; overflow-wrap: anywhere; }
.lead { font-size: 15px; line-height: 24px; max-width: 74ch; overflow-wrap: anywhere; }
.quiet { color: #515b68; }
.small { font-size: 11.5px; line-height: 17px; }
td.mono, code, pre { font-family: "JetBrains Mono", "Cascadia Mono", Menlo, "DejaVu Sans Mono", Consolas, monospace; font-size: 12px; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; border: 1px solid #d5dae1; border-radius: 4px; padding: 8px; }
.band { display: flex; justify-content: space-between; align-items: center; gap: 12px; padding: 10px 0; color: #515b68; font-size: 11.5px; line-height: 16px; }
.band .what { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; }
.tlp { background: #000; font: 700 12pt/1.3 Inter, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; padding: 1px 8px; white-space: nowrap; }
.tlp-red { color: #ff2b2b; }
.tlp-amber { color: #ffc000; }
.tlp-green { color: #33ff00; }
.tlp-clear { color: #fff; }
.simulated { color: #5c3a00; background: #ffd27a; font-weight: 700; padding: 1px 8px; letter-spacing: 0.04em; white-space: nowrap; }
.simulated-note { border: 2px solid #d98e00; padding: 8px 12px; margin: 8px 0; }
main { padding: 0 1px; }
.page { width: 100%; border-collapse: collapse; table-layout: fixed; }
.page > tbody > tr > td, .page > thead > tr > td, .page > tfoot > tr > td { padding: 0; border: 0; }
dl.facts { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 0; margin: 12px 0; border-top: 1px solid #d5dae1; border-left: 1px solid #d5dae1; }
dl.facts > div { border-right: 1px solid #d5dae1; border-bottom: 1px solid #d5dae1; padding: 6px 10px; break-inside: avoid; }
dl.facts dt { color: #515b68; font-size: 11.5px; line-height: 16px; }
dl.facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
dl.facts dd.big { font-size: 18px; line-height: 26px; }
table.data { width: 100%; border-collapse: collapse; margin: 8px 0; }
table.data th { font-family: inherit; text-align: left; font-weight: 600; font-size: 11.5px; line-height: 16px; color: #515b68; border-bottom: 1px solid #15191f; padding: 4px 8px 4px 0; vertical-align: bottom; }
table.data td { border-bottom: 1px solid #e3e7ec; padding: 4px 8px 4px 0; vertical-align: top; overflow-wrap: anywhere; }
table.data tr { break-inside: avoid; }
table.data .number { text-align: right; white-space: nowrap; width: 1%; }
table.data .time { white-space: nowrap; width: 1%; }
table.data .kind { white-space: nowrap; width: 1%; color: #515b68; }
table.data .actor { width: 15%; }
figure { margin: 12px 0; break-inside: avoid; }
figcaption { font-weight: 600; }
figcaption .quiet { font-weight: 400; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 10px Inter, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; fill: #515b68; font-variant-numeric: tabular-nums; }
.chart-grid { stroke: #e3e7ec; stroke-width: 1; }
.chart-axis { stroke: #8a94a1; stroke-width: 1; }
.chart-band { fill: #2563a8; fill-opacity: 0.14; }
.chart-line { fill: none; stroke: #123a66; stroke-width: 1.25; stroke-linejoin: round; }
.chart-finding { fill: #b3261e; fill-opacity: 0.07; }
.chart-pin { fill: #b3261e; }
.chart-mark { stroke: #1a6b3c; stroke-width: 1; stroke-dasharray: 3 2; }
svg text.chart-mark-word { fill: #1a6b3c; }
.chart-gap { fill: url(#hatch); }
.chart-hatch { stroke: #aab2bd; stroke-width: 1; }
.action { border: 1px solid #d5dae1; border-radius: 4px; padding: 8px 12px; margin: 8px 0; }
.action h3 { margin-top: 0; }
.note { border-left: 2px solid #d5dae1; padding-left: 12px; margin: 8px 0 12px; overflow-wrap: anywhere; }
.note h1, .note h2, .note h3, .note h4 { font-size: 13px; line-height: 20px; margin: 8px 0 4px; padding: 0; border: 0; }
.severity { white-space: nowrap; font-weight: 600; }
.suggestion { font-weight: 600; }
sup { line-height: 0; font-size: 9px; }
.footnotes { counter-reset: none; padding-left: 20px; }
@media screen {
  .band-head { position: sticky; top: 0; background: #fff; border-bottom: 1px solid #d5dae1; z-index: 1; }
  .band-foot { border-top: 1px solid #d5dae1; margin-top: 32px; }
}
@media screen and (max-width: 700px) {
  dl.facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  body { padding: 0 12px; }
}
@media print {
  @page { size: A4; margin: 10mm 15mm 12mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt "DejaVu Sans", Arial, sans-serif; color: #515b68; } }
  html { font-size: 11.5px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  body { max-width: none; padding: 0; }
  .band { position: fixed; left: 0; right: 0; height: 30px; padding: 0; background: #fff; }
  .band-head { top: 0; border-bottom: 1px solid #d5dae1; }
  .band-foot { bottom: 0; border-top: 1px solid #d5dae1; }
  .head-room { height: 42px; }
  .foot-room { height: 40px; }
  h2 { margin-top: 20px; }
  .lead { font-size: 13px; line-height: 20px; }
}
`;

/** SHA-256 of the style sheet, base64, as a content policy names it; a test keeps the two together. */
export const reportStyleHash = 'sha256-jcx/vvYQd+J/3l+tlwbiWWQTWb3xy3dxoMxtaGiivHE=';
