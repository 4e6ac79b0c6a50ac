/** What the server, its threads and the command line are put together from, for packages that run without the checkout. */
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The modules that run in threads of their own, as `startThread` names them. */
export const THREADS = ['writer-thread', 'search-thread', 'export-thread'] as const;

/** Bundles modules of the checkout for Node. */
export function bundle(options: BuildOptions): Promise<unknown> {
  return build({
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    target: 'node24',
    legalComments: 'none',
    // Part of pg that is used only where it was installed beside it.
    external: ['pg-native'],
    logLevel: 'warning',
    ...options,
  });
}
