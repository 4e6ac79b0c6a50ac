import { Page } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';

export default function ImportPage(_: { audienceId: string; importId: string }) {
  return (
    <Page title={texts.shell.pages.imports}>
      <p />
    </Page>
  );
}
