import { readServerConfig } from './config.ts';
import { SetupError } from './core/errors.ts';
import { startServer } from './server.ts';

try {
  const server = await startServer(readServerConfig(), () => process.exit(1));
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second signal is somebody who does not want to wait.
      if (isStopping) process.exit(1);
      isStopping = true;
      server.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
} catch (error) {
  console.error(error instanceof SetupError ? `muster: ${error.message}` : error);
  process.exit(1);
}
