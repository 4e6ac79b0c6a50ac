import { Page } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';

export default function NewImportPage(_: { audienceId: string }) {
  return (
    <Page title={texts.shell.pages.imports}>
      <p />
    </Page>
  );
}
