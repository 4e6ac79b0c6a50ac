import { Button, CopyButton } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { texts } from '../texts/index.ts';
import classes from './copied-text.module.css';

/** Text that is there to be copied. @param label what it is, for who cannot see it. */
export function CopiedText({ text, label }: { text: string; label: string }) {
  return (
    <div className={classes.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={classes.text} tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </section>
      <CopyButton value={text} timeout={2_000}>
        {({ copied, copy }) => (
          <Button
            size="compact-sm"
            variant="default"
            className={classes.copy}
            onClick={copy}
            leftSection={copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
          >
            <span aria-live="polite">{copied ? texts.api.copied : texts.api.copy}</span>
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
