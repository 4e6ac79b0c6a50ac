import { Page } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';

export default function OverviewPage() {
  return (
    <Page title={texts.shell.pages.overview}>
      <p />
    </Page>
  );
}
