/**
 * `npm run build:server`: the server and the command line as JavaScript in `dist`, which is what `npm pack` packs: Node does not
 * strip types inside node_modules. Packages stay outside; npm installs them.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, ROOT, THREADS } from './bundle.ts';

const dist = join(ROOT, 'dist');
rmSync(dist, { recursive: true, force: true });
await bundle({
  // Flat, with the threads beside the chunk that starts them.
  entryPoints: {
    main: 'src/cli/main.ts',
    ...Object.fromEntries(THREADS.map((name) => [name, `src/store/sqlite/${name}.ts`])),
  },
  outdir: dist,
  format: 'esm',
  splitting: true,
  packages: 'external',
});
