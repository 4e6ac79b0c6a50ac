import { Page } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';

export default function ImportsPage() {
  return (
    <Page title={texts.shell.pages.imports}>
      <p />
    </Page>
  );
}
