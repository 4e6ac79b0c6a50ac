import { FileSpreadsheet, FileUp } from 'lucide-react';
import { type DragEvent, useId, useRef, useState } from 'react';
import { texts } from '../../texts/index.ts';
import classes from './drop-zone.module.css';

const words = texts.imports.drop;
const ACCEPTED = '.csv,.tsv,.tab,.txt,.ndjson,.jsonl,.xlsx,.gz,text/csv';

interface DropZoneProps {
  onFile: (file: File) => void;
  /** Whether a file is being looked at. */
  isBusy: boolean;
}

/** Takes one file, dropped on it or chosen. */
export function DropZone({ onFile, isBusy }: DropZoneProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const [isSeveral, setIsSeveral] = useState(false);

  function take(files: FileList | null) {
    setIsSeveral((files?.length ?? 0) > 1);
    const [file] = files ?? [];
    if (file !== undefined && files!.length === 1) onFile(file);
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    setIsOver(false);
    if (!isBusy) take(event.dataTransfer.files);
  }

  const Icon = isOver ? FileSpreadsheet : FileUp;
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut for the button that it holds */}
      <div
        className={classes.zone}
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setIsOver(false);
        }}
        onDrop={drop}
      >
        <label htmlFor={id} className={classes.label}>
          <span className={classes.icon}>
            <Icon size={26} strokeWidth={1.6} aria-hidden="true" />
          </span>
          <span className={classes.title}>{isBusy ? words.reading : isOver ? words.active : words.title}</span>
          <span className={classes.hint}>{words.hint}</span>
          <span className={classes.hint}>{words.safe}</span>
        </label>
        <input
          ref={input}
          id={id}
          type="file"
          accept={ACCEPTED}
          className={classes.input}
          disabled={isBusy}
          onChange={(event) => {
            take(event.currentTarget.files);
            // The same file may be chosen again after it was changed.
            event.currentTarget.value = '';
          }}
        />
      </div>
      <p role="status" className={classes.problem}>
        {isSeveral && words.several}
      </p>
    </>
  );
}
