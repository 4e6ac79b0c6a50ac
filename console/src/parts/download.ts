/** Files that the browser keeps. */

/** Lets the browser fetch a file by itself: it tells how far it is, and nothing of it lies in the page's memory. */
export function downloadFrom(address: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = '';
  link.click();
}

/** A file of what the page itself has. */
export function downloadText(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // It has begun to be read by then; without an end it would stay in memory.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
