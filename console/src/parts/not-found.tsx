import { Button } from '@mantine/core';
import { SearchX } from 'lucide-react';
import { Link } from 'wouter';
import { routes } from '../routes.ts';
import { texts } from '../texts/index.ts';
import { State } from './states.tsx';

export function NotFound() {
  return (
    <State icon={SearchX} order={1} title={texts.states.notFound} hint={texts.states.notFoundHint}>
      <Button component={Link} href={routes.audiences} variant="default">
        {texts.states.notFoundAction}
      </Button>
    </State>
  );
}
