/** Ways to pack an answer, the best first. */
const ENCODINGS = ['br', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The best way to pack an answer that a client takes (RFC 9110, section 12.5.3); one that says nothing takes none. */
export function bestEncoding(
  header: string | string[] | undefined,
  offered: readonly Encoding[] = ENCODINGS,
): Encoding | undefined {
  const weights = new Map<string, number>();
  for (const part of String(header ?? '').split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const weight = parameters.find((each) => each.startsWith('q='));
    weights.set(coding.replace(/^x-gzip$/, 'gzip'), weight === undefined ? 1 : Number(weight.slice(2)));
  }
  return offered.find((encoding) => (weights.get(encoding) ?? weights.get('*') ?? 0) > 0);
}
