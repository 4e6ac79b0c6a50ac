import { CloudOff } from 'lucide-react';
import { useEffect } from 'react';
import { connection, onBack } from '../api/connection.ts';
import { notifyDone } from '../parts/notify.tsx';
import { texts } from '../texts/index.ts';
import classes from './connection-banner.module.css';

const words = texts.shell.connection;

/** Over the page for as long as the server cannot be reached. */
export function ConnectionBanner() {
  const state = connection.use();
  useEffect(() => onBack(() => notifyDone(words.back, { id: 'connection' })), []);
  // The region is always there: screen readers tell what appears in one that they know.
  return (
    <div role="status" className={classes.region}>
      {state !== 'ok' && (
        <div className={classes.banner}>
          <CloudOff size={16} aria-hidden="true" />
          <span>
            <strong>{state === 'offline' ? words.offline : words.gone}</strong>{' '}
            {state === 'offline' ? words.offlineHint : words.goneHint}
          </span>
        </div>
      )}
    </div>
  );
}
