/** The `muster` command. */
import { CommanderError } from 'commander';
import { ConnectionError, ProtocolError, MusterError as SdkError } from '../../sdk/src/index.ts';
import { MusterError, SetupError } from '../core/errors.ts';
import { ContactFileError } from '../files/contact-file.ts';
import { LostAnswerError } from './connection.ts';
import { complain, EXIT } from './output.ts';
import { makeProgram } from './program.ts';
import { LostInputError } from './upload.ts';

/** Errors whose message is all there is to say; of others the stack helps. */
const EXPECTED = [SetupError, MusterError, SdkError, ContactFileError, LostAnswerError, LostInputError];

function messageOf(error: Error): string {
  if (error instanceof ProtocolError) return error.message.replace('baseUrl', 'MUSTER_URL');
  const isNobodyThere = error instanceof ConnectionError && !error.isOutcomeUnknown;
  return isNobodyThere ? `${error.message}: start the server, or set MUSTER_URL to where it is` : error.message;
}

// A reader that has seen enough (`muster … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

makeProgram()
  .parseAsync()
  .catch((error) => {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT.wrongUsage;
      return;
    }
    if (EXPECTED.some((kind) => error instanceof kind)) complain(messageOf(error));
    else console.error(error);
    process.exitCode = EXIT.failed;
  });
