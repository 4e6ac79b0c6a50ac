import { Button, PasswordInput, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { AuthenticationError, ConnectionError } from 'muster-sdk';
import { type FormEvent, useState } from 'react';
import { signIn } from '../api/session.ts';
import { texts } from '../texts/index.ts';

const { signIn: words } = texts.shell;

/** Asks for a key. @param onDone called when the server has taken it and set its cookie. */
export function SignInForm({ onDone }: { onDone: () => void }) {
  const [key, setKey] = useState('');
  const [isMissing, setIsMissing] = useState(false);
  const attempt = useMutation({ mutationFn: signIn, onSuccess: onDone, meta: { isSignIn: true } });

  function submit(event: FormEvent) {
    event.preventDefault();
    const given = key.trim();
    setIsMissing(given === '');
    if (given !== '') attempt.mutate(given);
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <PasswordInput
          label={words.key}
          placeholder={words.placeholder}
          value={key}
          onChange={(event) => {
            setKey(event.currentTarget.value);
            attempt.reset();
          }}
          error={isMissing && key.trim() === '' ? words.required : attempt.error && reasonOf(attempt.error)}
          visibilityToggleButtonProps={{ 'aria-label': words.show, tabIndex: 0 }}
          autoComplete="current-password"
          spellCheck={false}
          required
          withAsterisk={false}
          data-autofocus
          autoFocus
        />
        <Button type="submit" loading={attempt.isPending} fullWidth>
          {words.submit}
        </Button>
      </Stack>
    </form>
  );
}

function reasonOf(error: Error): string {
  if (error instanceof AuthenticationError) return words.wrong;
  if (error instanceof ConnectionError) return words.unreachable;
  return texts.states.failedHint;
}
