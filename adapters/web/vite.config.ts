import { defineConfig } from 'vite'

/** Builds the pages into `dist`. JSX is Vite's own; nothing is inlined, since the policy of the pages forbids it. */
// oxlint-disable-next-line import/no-default-export -- Vite asks for one
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2024',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
