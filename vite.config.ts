import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { syntaxTarget } from './electron/dev/entries.mjs';

/** The renderer's build: one page, every asset a file of its own so that the content policy needs no exception. */
export default defineConfig({
  root: 'renderer',
  base: './',
  publicDir: false,
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: syntaxTarget.renderer,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Schemas look whether they may generate code when they are made: zod and the word that it may not are one
          // chunk, which runs before all that use it.
          groups: [{ name: 'schemas', test: /node_modules\/zod\/|renderer\/no-generated-code/ }],
        },
      },
    },
  },
});
