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
