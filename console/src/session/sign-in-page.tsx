import { Anchor, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { keys } from '../api/keys.ts';
import { Logo } from '../parts/logo.tsx';
import { texts } from '../texts/index.ts';
import { SignInForm } from './sign-in-form.tsx';
import classes from './sign-in-page.module.css';

const { signIn: words } = texts.shell;

/** In the place of every page while nobody is signed in: the address stays, and is shown afterwards. */
export function SignInPage() {
  const client = useQueryClient();
  useDocumentTitle(words.title);
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <Logo size={36} />
        <Title order={1} mt="md">
          {words.title}
        </Title>
        <Text c="dimmed" size="sm" mt={4} mb="lg">
          {words.about}
        </Text>
        <SignInForm onDone={() => client.invalidateQueries({ queryKey: keys.session })} />
        <Text c="dimmed" size="xs" mt="lg">
          {words.privacy}
        </Text>
      </div>
      <Anchor href="/docs" size="sm" c="dimmed">
        {words.docs}
      </Anchor>
    </main>
  );
}
