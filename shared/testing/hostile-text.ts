const character = String.fromCodePoint;

/** Texts that attack whoever shows them. Each holds the word `hostile-` and its name, by which it is found again. */
export const hostileTexts = {
  markup: 'hostile-markup <img src=x onerror="globalThis.__owned=1"><b>bold</b>&amp;&#60;i&#62;',
  script: 'hostile-script </script><script>globalThis.__owned=1</script><svg onload=globalThis.__owned=1>',
  attribute: `hostile-attribute " onmouseover="globalThis.__owned=1" ' autofocus onfocus='globalThis.__owned=1' \``,
  style: 'hostile-style </style><style>*{display:none!important}</style>',
  link: 'hostile-link [click](javascript:globalThis.__owned=1) ![x](https://evil.example/pixel.png) <https://evil.example> www.evil.example',
  table: 'hostile-table | cell | `code` **bold** # heading',
  bidi: `hostile-bidi invoice${character(0x202e)}fdp.exe${character(0x2066)}isolate`,
  ansi: `hostile-ansi ${character(0x1b)}[31mred${character(0x1b)}[2J${character(0x1b)}]0;owned${character(7)}`,
  nul: `hostile-nul before${character(0)}after`,
  surrogate: `hostile-surrogate ${'\ud800'}lone`,
  invisible: `hostile-invisible pay${character(0x200b)}pal${character(0xfeff)}${character(0xe0041)}`,
  marks: `hostile-marks e${character(0x301).repeat(400)}`,
  lines: 'hostile-lines one\r\n# two\n- three\u2028four',
  template: `hostile-template ${character(0x24)}{globalThis.__owned=1} {{constructor.constructor("globalThis.__owned=1")()}} %s %n`,
  prototype: 'hostile-prototype __proto__ constructor toString',
  formula: '=cmd|"/c calc"!A1 hostile-formula',
} as const satisfies Record<string, string>;

/** A text of one megabyte that is one long word. */
export function hugeText(): string {
  return `hostile-huge ${'A'.repeat(1_048_576)}`;
}
