// Reports segments that finish in any order in the order of the recording.
import { type SegmentResult, spaceBetween } from './splitting/join.ts';
import type { Gap, Progress } from './transcriber.ts';

export class SegmentReporter {
  #next = 0;
  #lastText = '';

  constructor(private readonly onProgress: (progress: Progress) => void) {}

  /** Reports each outcome once, as soon as all before it are there. A gap is skipped. */
  report(outcomes: readonly (SegmentResult | Gap | undefined)[]): void {
    for (let outcome = outcomes[this.#next]; outcome !== undefined; outcome = outcomes[this.#next]) {
      const index = this.#next++;
      if (!('result' in outcome)) continue;
      const { startS, endS } = outcome.segment;
      const text = spaceBetween(this.#lastText, outcome.text) + outcome.text;
      if (outcome.text !== '') this.#lastText = outcome.text;
      this.onProgress({ state: 'segment', index, startS, endS, text });
    }
  }
}
