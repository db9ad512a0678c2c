// Encodes a transcription as transcript.text.* events: only data lines, without `[DONE]`. The text of the `done` event equals
// the deltas joined.
import type { Transcript } from '../../../audio/transcript.ts';
import type { Failure } from '../../../failure.ts';
import type { Encoder } from '../../../responses/translator.ts';
import { framed, serverSentEvents } from '../../../stream/framing.ts';
import { openaiErrorObject } from '../errors.ts';
import { usageOf } from './whole.ts';

/** The text of a segment begins with the space that joins it to the previous one, if any. */
export type TranscriptionEvent = { segmentText: string } | { transcript: Transcript };

export class TranscriptionEncoder implements Encoder<TranscriptionEvent> {
  #sent = '';
  #finished = false;

  get finished(): boolean {
    return this.#finished;
  }

  push(event: TranscriptionEvent): string {
    if ('segmentText' in event) return this.#delta(event.segmentText);
    const { transcript } = event;
    const { text, warnings } = transcript;
    // If the engine reported no segments, the whole text is still to be sent.
    const rest = text.startsWith(this.#sent) ? this.#delta(text.slice(this.#sent.length)) : '';
    this.#finished = true;
    const done = {
      type: 'transcript.text.done',
      text: this.#sent,
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
    return serverSentEvents.aside(': keep-alive');
  }

  #delta(delta: string): string {
    if (delta === '') return '';
    this.#sent += delta;
    return frame({ type: 'transcript.text.delta', delta });
  }
}

function frame(event: object): string {
  return framed(serverSentEvents, undefined, event);
}
