// The package as it reaches a user's page: bundled.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { folders } from '../../test/web/support/folders.mjs';

export const bundled = join(folders.root, 'build/bench/package');

export async function bundlePackage() {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: fileURLToPath(new URL('.', import.meta.url)),
    base: '/package/',
    worker: { format: 'es' },
    build: {
      target: 'es2022',
      outDir: bundled,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: false,
      rollupOptions: {
        input: fileURLToPath(new URL('user.mjs', import.meta.url)),
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js' },
      },
    },
  });
}
