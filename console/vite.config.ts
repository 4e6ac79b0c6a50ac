import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { themeVariables } from './theme-variables.ts';

/** The server that `npm run dev` takes its data from. */
const SERVER = 'http://127.0.0.1:8080';
const proxied = Object.fromEntries(
  ['/v1', '/console/session', '/docs', '/openapi.json', '/readyz'].map((path) => [path, SERVER]),
);

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), themeVariables()],
  resolve: { alias: { 'muster-sdk': fileURLToPath(new URL('../sdk/src/index.ts', import.meta.url)) } },
  build: {
    target: 'es2023',
    reportCompressedSize: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
  },
  server: { proxy: proxied },
});
