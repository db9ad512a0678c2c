// A running transcription as the source of a stream: the text of each segment, then the whole transcript.
import type { Progress } from '../../../audio/transcriber.ts';
import type { Transcript } from '../../../audio/transcript.ts';
import type { StreamSource } from '../../../server/streaming.ts';
import type { TranscriptionEvent } from '../transcriptions/stream.ts';

export class TranscriptSource implements StreamSource<TranscriptionEvent> {
  /** Rejects after the work has been cleaned up. */
  readonly transcript: Promise<Transcript>;
  /** Texts of segments not yet passed on. */
  #texts: string[] = [];
  #ended = false;
  /** Called for the next text and at the end. */
  #wake = () => {};

  constructor(work: (onProgress: (progress: Progress) => void) => Promise<Transcript>) {
    this.transcript = work((progress) => {
      if (progress.state !== 'segment' || progress.text === '') return;
      this.#texts.push(progress.text);
      this.#wake();
    }).finally(() => {
      this.#ended = true;
      this.#wake();
    });
    this.transcript.catch(() => {}); // `run` reports it
  }

  get settled(): boolean {
    return this.#ended || this.#texts.length > 0;
  }

  /** Waits for the first text or the end, at most `timeoutMs`. Rejects if the transcription has failed. */
  async settle(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#wake(), timeoutMs);
    if (!this.settled) await this.#next();
    clearTimeout(timer);
    if (this.#ended) await this.transcript;
  }

  async run(
    sink: (event: TranscriptionEvent) => void,
    afterRead: () => Promise<void> | undefined,
  ): Promise<void> {
    for (;;) {
      for (const segmentText of this.#texts.splice(0)) sink({ segmentText });
      await afterRead();
      if (this.#texts.length > 0) continue;
      if (this.#ended) break;
      await this.#next();
    }
    sink({ transcript: await this.transcript });
    await afterRead();
  }

  /** The exchange's signal ends the work, which then frees its slot and file. */
  cancel(): void {}

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
