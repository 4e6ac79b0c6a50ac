import { Modal } from '@mantine/core';
import { useState } from 'react';
import { texts } from '../../../texts/index.ts';
import { PasteForm } from './paste-form.tsx';
import { PasteResult } from './paste-result.tsx';
import type { Outcome } from './run-paste.ts';

/** Takes rows of a spreadsheet, shows how they are read, adds them, and says what became of each. */
export default function PasteDialog({ audienceId, onClose }: { audienceId: string; onClose: () => void }) {
  const [outcome, setOutcome] = useState<Outcome>();
  return (
    <Modal opened onClose={onClose} title={texts.paste.title} size="xl" closeOnClickOutside={outcome !== undefined}>
      {outcome === undefined ? (
        <PasteForm audienceId={audienceId} onDone={setOutcome} onCancel={onClose} />
      ) : (
        <PasteResult outcome={outcome} onAgain={() => setOutcome(undefined)} onClose={onClose} />
      )}
    </Modal>
  );
}
