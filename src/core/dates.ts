let cachedSecond = 0;
let cachedText = '';

/** A moment as the API writes it: UTC, `yyyy-MM-dd HH:mm:ss`. @param ms milliseconds since the epoch. */
export function formatDate(ms: number = Date.now()): string {
  const second = Math.floor(ms / 1000);
  if (second !== cachedSecond) {
    cachedText = new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ');
    cachedSecond = second;
  }
  return cachedText;
}

const DATE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

/** The date as the API writes it, if it is one that exists. */
export function readDate(text: string): string | undefined {
  const ms = DATE.test(text) ? Date.parse(`${text.replace(' ', 'T')}Z`) : Number.NaN;
  // What does not come out as it went in is no day of any month.
  return !Number.isNaN(ms) && formatDate(ms) === text ? text : undefined;
}
