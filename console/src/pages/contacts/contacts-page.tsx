import { Page } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';

export default function ContactsPage(_: { audienceId: string }) {
  return (
    <Page title={texts.shell.pages.audiences}>
      <p />
    </Page>
  );
}
