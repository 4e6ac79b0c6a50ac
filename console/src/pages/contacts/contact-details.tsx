import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import type { Contact } from 'muster-sdk';
import type { ReactNode } from 'react';
import { Flag } from '../../parts/flag.tsx';
import { Moment } from '../../parts/moment.tsx';
import { phoneOf, usePhones } from '../../parts/use-phones.ts';
import { texts } from '../../texts/index.ts';
import classes from './contact-details.module.css';
import { TEXT_FIELDS } from './rules.ts';

const words = texts.contacts.panel;

/** What is told of a contact but not changed. @param isWhole with the fields that who may write sees in a form. */
export function ContactDetails({ contact, isWhole = false }: { contact: Contact; isWhole?: boolean }) {
  const { text, country } = phoneOf(contact.number, usePhones());
  return (
    <dl className={classes.details}>
      {isWhole && (
        <>
          <Detail name={words.number}>
            {country && <Flag country={country} />} <span dir="ltr">{text}</span>
          </Detail>
          {TEXT_FIELDS.map((field) => (
            <Detail key={field} name={words[field]}>
              {contact[field] === null ? words.empty : <bdi>{contact[field]}</bdi>}
            </Detail>
          ))}
          <Detail name={words.tags}>{contact.tags.length === 0 ? words.empty : contact.tags.join(', ')}</Detail>
        </>
      )}
      <Detail name={words.created}>
        <Moment date={contact.create_date} />
      </Detail>
      <Detail name={words.updated}>
        <Moment date={contact.update_date} />
      </Detail>
      <Detail name={words.id}>
        <span className={classes.id}>
          <code>{contact.id}</code>
          <CopyButton value={contact.id}>
            {({ copied, copy }) => (
              <Tooltip label={copied ? words.copied : words.copyId}>
                <ActionIcon variant="subtle" color="gray" size="sm" aria-label={words.copyId} onClick={copy}>
                  {copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
        </span>
      </Detail>
    </dl>
  );
}

function Detail({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.detail}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
