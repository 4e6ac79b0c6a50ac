/** Files on their way to the server. They go on while other pages are looked at. */
import type { SingleImport, UploadProgress } from 'muster-sdk';
import { useSyncExternalStore } from 'react';
import { muster } from '../../api/client.ts';
import { type Draft, settingsOf } from './draft.ts';

export type Upload =
  | { state: 'sending'; fileName: string; progress: UploadProgress; cancel: () => void }
  | { state: 'failed'; fileName: string; error: unknown }
  | { state: 'sent'; fileName: string; made: SingleImport };

const uploads = new Map<string, Upload>();
const listeners = new Set<() => void>();

function set(audienceId: string, upload: Upload | undefined): void {
  if (upload === undefined) uploads.delete(audienceId);
  else uploads.set(audienceId, upload);
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What is being uploaded into an audience. */
export function useUpload(audienceId: string): Upload | undefined {
  return useSyncExternalStore(subscribe, () => uploads.get(audienceId));
}

export function forgetUpload(audienceId: string): void {
  set(audienceId, undefined);
}

/** Sends a draft's file to be judged, and nothing more. */
export async function startUpload(audienceId: string, draft: Draft): Promise<void> {
  const { file } = draft;
  const fileName = file.name;
  const ending = new AbortController();
  const cancel = () => ending.abort();
  const isStill = () => uploads.get(audienceId) === current;
  let current: Upload = { state: 'sending', fileName, progress: { sent: 0, total: file.size }, cancel };
  set(audienceId, current);
  const warn = (event: BeforeUnloadEvent) => event.preventDefault();
  window.addEventListener('beforeunload', warn);
  try {
    const made = await muster.audience(audienceId).imports.create(
      file,
      { ...settingsOf(draft), dry_run: true },
      {
        signal: ending.signal,
        onProgress(progress) {
          if (!isStill()) return;
          current = { state: 'sending', fileName, progress, cancel };
          set(audienceId, current);
        },
      },
    );
    set(audienceId, { state: 'sent', fileName, made });
  } catch (error) {
    set(audienceId, ending.signal.aborted ? undefined : { state: 'failed', fileName, error });
  } finally {
    window.removeEventListener('beforeunload', warn);
  }
}
