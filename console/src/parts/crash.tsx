import { Button } from '@mantine/core';
import { CircleAlert, RefreshCw } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { texts } from '../texts/index.ts';
import { State } from './states.tsx';

/** Keeps what crashes from taking the rest of the page along. React has no other way for this than a class. */
export class Crash extends Component<{ children: ReactNode }, { error: Error | undefined }> {
  override state = { error: undefined as Error | undefined };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    const words = texts.states;
    // A file of an older build is gone when a newer one is served.
    const isOutdated = /dynamically imported module|module script/i.test(error.message);
    return (
      <div role="alert">
        <State
          order={1}
          icon={isOutdated ? RefreshCw : CircleAlert}
          title={isOutdated ? words.outdated : words.crashed}
          hint={isOutdated ? words.outdatedHint : words.crashedHint}
        >
          <Button onClick={() => location.reload()}>{texts.actions.reload}</Button>
        </State>
      </div>
    );
  }
}
