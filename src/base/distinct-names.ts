// Limits how many different names a client can create: names beyond the limit all become `other`.

const maxLength = 64;

export class DistinctNames {
  readonly #known = new Set<string>();

  constructor(private readonly limit: number) {}

  /** The name itself, shortened; `other` if there are too many names already. */
  nameOf(text: string): string {
    const name = text.replace(/\p{C}/gu, '?').slice(0, maxLength);
    if (this.#known.has(name)) return name;
    if (this.#known.size >= this.limit) return 'other';
    this.#known.add(name);
    return name;
  }
}
