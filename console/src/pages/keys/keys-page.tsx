import { Page } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';

export default function KeysPage() {
  return (
    <Page title={texts.shell.pages.keys}>
      <p />
    </Page>
  );
}
