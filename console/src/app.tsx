import { Loader } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Route, Router, Switch, useLocation } from 'wouter';
import { Crash } from './parts/crash.tsx';
import { NotFound } from './parts/not-found.tsx';
import { aroundNavigation, UnsavedQuestion } from './parts/unsaved.tsx';
import { Shell } from './shell/shell.tsx';
import { texts } from './texts/index.ts';

/** Each page is loaded when it is first looked at. */
const OverviewPage = lazy(() => import('./pages/overview/overview-page.tsx'));
const AudiencesPage = lazy(() => import('./pages/audiences/audiences-page.tsx'));
const ContactsPage = lazy(() => import('./pages/contacts/contacts-page.tsx'));
const NewImportPage = lazy(() => import('./pages/imports/new-import-page.tsx'));
const ImportsPage = lazy(() => import('./pages/imports/imports-page.tsx'));
const ImportPage = lazy(() => import('./pages/imports/import-page.tsx'));
const KeysPage = lazy(() => import('./pages/keys/keys-page.tsx'));
const ApiPage = lazy(() => import('./pages/api/api-page.tsx'));

export function App() {
  return (
    <Router aroundNav={aroundNavigation}>
      <Pages />
      <UnsavedQuestion />
    </Router>
  );
}

/** The pages and where they are. Links are made by `routes.ts`. */
function Pages() {
  const [place] = useLocation();
  return (
    <Shell>
      <Crash key={place}>
        <Suspense fallback={<Loader type="dots" m="xl" aria-label={texts.states.loading} />}>
          <Switch>
            <Route path="/" component={OverviewPage} />
            <Route path="/audiences" component={AudiencesPage} />
            <Route path="/audiences/:audienceId">
              {({ audienceId }) => <ContactsPage key={audienceId} audienceId={audienceId} />}
            </Route>
            <Route path="/audiences/:audienceId/import">
              {({ audienceId }) => <NewImportPage key={audienceId} audienceId={audienceId} />}
            </Route>
            <Route path="/audiences/:audienceId/imports/:importId">
              {({ audienceId, importId }) => <ImportPage key={importId} audienceId={audienceId} importId={importId} />}
            </Route>
            <Route path="/imports" component={ImportsPage} />
            <Route path="/keys" component={KeysPage} />
            <Route path="/api" component={ApiPage} />
            <Route component={NotFound} />
          </Switch>
        </Suspense>
      </Crash>
    </Shell>
  );
}
