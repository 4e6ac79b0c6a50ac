import { Page } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';

export default function ApiPage() {
  return (
    <Page title={texts.shell.pages.api}>
      <p />
    </Page>
  );
}
