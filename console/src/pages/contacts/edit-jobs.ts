/** Changes of many contacts: jobs on the server, which go on whatever becomes of the page. Here they are followed. */
import type { ContactEdit, Import, SingleImport } from 'muster-sdk';
import { muster } from '../../api/client.ts';
import { queryClient } from '../../api/query-client.ts';
import { notifyDone, notifyFailed } from '../../parts/notify.tsx';
import { makeSignal } from '../../parts/signal.ts';
import { texts } from '../../texts/index.ts';
import { refreshContacts } from './use-contact-pages.ts';

const words = texts.contacts.jobs;

/** Those that run, as last heard. */
export const editJobs = makeSignal<readonly SingleImport[]>([]);

/** Starts an edit and follows it to its end, where it can be undone. Resolves when it is accepted. */
export async function startEdit(audienceId: string, edit: ContactEdit): Promise<void> {
  const job = await muster.audience(audienceId).contacts.edit(edit);
  void follow(job, () => {
    const { imports } = muster.audience(audienceId);
    return imports.undo(job.id).then((undoing) => follow(undoing));
  });
}

export function cancelEdit({ audience_id, id }: Import): Promise<SingleImport> {
  return muster.audience(audience_id).imports.cancel(id);
}

async function follow(job: SingleImport, onUndo?: () => Promise<void>): Promise<void> {
  put(job);
  try {
    let last = job;
    for await (const event of muster.audience(job.audience_id).imports.events(job.id)) {
      last = event.import;
      put(last);
    }
    if (last.status === 'failed') notifyFailed(last.error?.message ?? words.failed, words.failed);
    else if (last.status !== 'undone') notifyDone(summaryOf(last), { id: last.id, ...(onUndo && { onUndo }) });
  } catch (error) {
    notifyFailed(error);
  } finally {
    editJobs.set(editJobs.get().filter(({ id }) => id !== job.id));
    void refreshContacts(queryClient);
  }
}

function put(job: SingleImport): void {
  editJobs.set([...editJobs.get().filter(({ id }) => id !== job.id), job]);
}

function summaryOf({ status, action, updated, unchanged, refused, removed }: Import): string {
  const parts: string[] = [];
  if (action === 'delete') parts.push(words.deleted(removed));
  else if (action === 'add_tags') parts.push(words.tagged(updated));
  else parts.push(words.untagged(updated));
  if (unchanged > 0) parts.push(action === 'add_tags' ? words.unchanged(unchanged) : words.unchangedRemoved(unchanged));
  if (refused > 0) parts.push(words.refused(refused));
  return status === 'cancelled' ? words.cancelled : `${parts.join('. ')}.`;
}
