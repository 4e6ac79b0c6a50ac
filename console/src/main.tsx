import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import 'virtual:theme-variables.css';
import './base.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { watchConnection } from './api/connection.ts';
import { queryClient } from './api/query-client.ts';
import { App } from './app.tsx';
import { Crash } from './parts/crash.tsx';
import { SessionGate } from './session/session-gate.tsx';
import { theme } from './theme.ts';

watchConnection();

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    {/* Its variables are a stylesheet (theme-variables.ts), and nothing uses its global classes. */}
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <Notifications position="bottom-center" limit={3} />
      <Crash>
        <QueryClientProvider client={queryClient}>
          <SessionGate>
            <App />
          </SessionGate>
        </QueryClientProvider>
      </Crash>
    </MantineProvider>
  </StrictMode>,
);
