// Encodes a transcription as transcript.text.* events: data lines only, and no `[DONE]`. `text` of
// `done` is what the deltas spell.
import type { Transcript } from '../../../audio/transcript.ts';
import type { Failure } from '../../../failure.ts';
import type { Encoder } from '../../../responses/translator.ts';
import { openaiErrorObject } from '../errors.ts';
import { usageOf } from './whole.ts';

/** A piece carries the space that joins it to the one before. */
export type TranscriptionEvent = { piece: string } | { transcript: Transcript };

export class TranscriptionEncoder implements Encoder<TranscriptionEvent> {
  #said = '';
  #finished = false;

  get finished(): boolean {
    return this.#finished;
  }

  push(event: TranscriptionEvent): string {
    if ('piece' in event) return this.#delta(event.piece);
    const { transcript } = event;
    const { text, warnings } = transcript;
    // An engine that was silent until now has all of it to say.
    const rest = text.startsWith(this.#said) ? this.#delta(text.slice(this.#said.length)) : '';
    this.#finished = true;
    const done = {
      type: 'transcript.text.done',
      text: this.#said,
      ...usageOf(transcript),
      ...(warnings.length === 0 ? {} : { warnings }),
    };
    return rest + frame(done);
  }

  fail(failure: Failure): string {
    if (this.#finished) return '';
    this.#finished = true;
    return frame({ type: 'error', error: openaiErrorObject(failure) });
  }

  heartbeat(): string {
    return ': keep-alive\n\n';
  }

  #delta(delta: string): string {
    if (delta === '') return '';
    this.#said += delta;
    return frame({ type: 'transcript.text.delta', delta });
  }
}

function frame(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
