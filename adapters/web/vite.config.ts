import { defineConfig } from 'vite'

/** Builds the client into `dist`. Vite compiles JSX; nothing is inlined, since the Content-Security-Policy forbids it. */
// oxlint-disable-next-line import/no-default-export -- Vite requires one
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
