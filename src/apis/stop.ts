// Ends answers at stop texts, since the upstream has no such option. Passes text through up to the first stop text, and holds
// back text that may be the beginning of one.

export class StopScanner {
  #held = '';
  #matched: string | undefined;

  constructor(private readonly stops: readonly string[]) {}

  /** The stop text that was found; no text follows it. */
  get matched(): string | undefined {
    return this.#matched;
  }

  push(text: string): string {
    if (this.#matched !== undefined) return '';
    const all = this.#held + text;
    const match = this.#firstMatch(all);
    if (match !== undefined) {
      this.#matched = all.slice(match.start, match.end);
      this.#held = '';
      return all.slice(0, match.start);
    }
    const safe = all.length - this.#heldLength(all);
    this.#held = all.slice(safe);
    return all.slice(0, safe);
  }

  /** Text that was held back, at the end of the answer. */
  flush(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  /** The position of the stop text that is complete first, however the text is split. */
  #firstMatch(text: string): { start: number; end: number } | undefined {
    let first: { start: number; end: number } | undefined;
    for (const stop of this.stops) {
      const start = text.indexOf(stop);
      if (start === -1) continue;
      const end = start + stop.length;
      if (first === undefined || end < first.end || (end === first.end && start < first.start)) {
        first = { start, end };
      }
    }
    return first;
  }

  /** The length of the longest suffix that a stop text begins with. */
  #heldLength(text: string): number {
    const longest = Math.max(...this.stops.map((stop) => stop.length));
    for (let start = Math.max(0, text.length - longest + 1); start < text.length; start++) {
      const suffix = text.slice(start);
      if (this.stops.some((stop) => stop.startsWith(suffix))) return suffix.length;
    }
    return 0;
  }
}
