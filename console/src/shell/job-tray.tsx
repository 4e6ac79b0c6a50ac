import { Button, Progress } from '@mantine/core';
import type { SingleImport } from 'muster-sdk';
import { useState } from 'react';
import { cancelEdit, editJobs } from '../pages/contacts/edit-jobs.ts';
import { notifyFailed } from '../parts/notify.tsx';
import { texts } from '../texts/index.ts';
import classes from './job-tray.module.css';

const words = texts.contacts.jobs;

/** Changes of many contacts that are under way, on whatever page somebody is meanwhile. */
export function JobTray() {
  const jobs = editJobs.use();
  return (
    <section aria-label={words.label} className={classes.tray}>
      {jobs.map((job) => (
        <Job key={job.id} job={job} />
      ))}
    </section>
  );
}

function Job({ job }: { job: SingleImport }) {
  const [isCancelling, setIsCancelling] = useState(false);
  const { rows_done, rows_total, phase, action } = job;
  const title = phase === 'undo' ? words.undoing : words.running[action ?? 'delete'];
  const part = rows_total ? (rows_done / rows_total) * 100 : 0;

  function cancel() {
    setIsCancelling(true);
    cancelEdit(job).catch((error) => {
      setIsCancelling(false);
      notifyFailed(error);
    });
  }

  return (
    <div className={classes.job}>
      <div className={classes.line}>
        <strong>{isCancelling ? words.cancelling : title}</strong>
        <span className="tabular">{words.progress(rows_done, rows_total)}</span>
      </div>
      <Progress value={part} size="sm" aria-label={title} animated={rows_total === null} />
      {phase !== 'undo' && (
        <Button variant="subtle" color="gray" size="compact-xs" onClick={cancel} disabled={isCancelling}>
          {texts.actions.cancel}
        </Button>
      )}
    </div>
  );
}
