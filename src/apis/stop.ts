// Stop texts done by codexd: the upstream has no such option. Visible text goes through here and comes out up to the first
// of them; what could be the beginning of one is held back until that is known.

export class StopScanner {
  #held = '';
  #matched: string | undefined;

  constructor(private readonly stops: readonly string[]) {}

  /** The stop text that was found; nothing comes out any more. */
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

  /** What was held back, when no more text can follow it. */
  flush(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  /** Where the stop text lies that is complete first, whatever the pieces the text comes in. */
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

  /** The length of the longest suffix that begins a stop text. */
  #heldLength(text: string): number {
    const longest = Math.max(...this.stops.map((stop) => stop.length));
    for (let start = Math.max(0, text.length - longest + 1); start < text.length; start++) {
      const suffix = text.slice(start);
      if (this.stops.some((stop) => stop.startsWith(suffix))) return suffix.length;
    }
    return 0;
  }
}
