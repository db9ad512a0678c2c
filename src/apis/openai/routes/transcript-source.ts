// A transcription under way as the source of a stream: pieces as they are heard, then the whole.
import type { Progress } from '../../../audio/transcriber.ts';
import type { Transcript } from '../../../audio/transcript.ts';
import type { Source } from '../../../server/streaming.ts';
import type { TranscriptionEvent } from '../transcriptions/stream.ts';

export class TranscriptSource implements Source<TranscriptionEvent> {
  /** Rejects with what went wrong, after everything that belonged to the work is gone. */
  readonly transcript: Promise<Transcript>;
  /** Heard and not handed on yet. Short: all of them together are the text. */
  #pieces: string[] = [];
  #ended = false;
  /** Somebody waits for the next piece or the end. */
  #wake = () => {};

  constructor(work: (onProgress: (progress: Progress) => void) => Promise<Transcript>) {
    this.transcript = work((progress) => {
      if (progress.state !== 'segment' || progress.text === '') return;
      this.#pieces.push(progress.text);
      this.#wake();
    }).finally(() => {
      this.#ended = true;
      this.#wake();
    });
    this.transcript.catch(() => {}); // whoever reads hears of it
  }

  get settled(): boolean {
    return this.#ended || this.#pieces.length > 0;
  }

  /** Waits until there is something to say, `patienceMs` at the longest. Rejects when it is that nothing will come. */
  async settle(patienceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#wake(), patienceMs);
    if (!this.settled) await this.#next();
    clearTimeout(timer);
    if (this.#ended) await this.transcript;
  }

  async run(
    sink: (event: TranscriptionEvent) => void,
    afterRead: () => Promise<void> | undefined,
  ): Promise<void> {
    for (;;) {
      for (const segmentText of this.#pieces.splice(0)) sink({ segmentText });
      await afterRead();
      if (this.#pieces.length > 0) continue;
      if (this.#ended) break;
      await this.#next();
    }
    sink({ transcript: await this.transcript });
    await afterRead();
  }

  /** The exchange's signal ends the work; until it has, its place and its file are not free. */
  cancel(): void {}

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
