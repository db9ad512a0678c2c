// One recording from its name to what was heard and written.
import {
  type Gap,
  PartialTranscript,
  type Progress,
  type TranscriberLike,
  type Wish,
} from '../../audio/transcriber.ts';
import type { Transcript } from '../../audio/transcript.ts';
import { asFailure, type Failure } from '../../failure.ts';
import { writeOutput } from './outputs.ts';
import { type Place, withRecording } from './recordings.ts';
import { nameOf } from './words.ts';

/** A failure may come with a transcript: one with gaps, or one that could not be written. */
export interface Outcome {
  name: string;
  transcript?: Transcript;
  /** The transcript in each of the formats. */
  answers: readonly string[];
  gaps: readonly Gap[];
  /** The paths of the answers that are written. */
  written: string[];
  failure?: Failure;
}

export interface Listening extends Place {
  transcriber: TranscriberLike;
  wish: Wish;
  onProgress(progress: Progress): void;
  answers(transcript: Transcript): string[];
  /** Where the answers are written, if they are. */
  paths: readonly string[];
}

/** Never rejects. */
export async function hear(input: string, listening: Listening): Promise<Outcome> {
  const outcome: Outcome = { name: nameOf(input), answers: [], gaps: [], written: [] };
  try {
    listening.signal.throwIfAborted();
    await withRecording(input, listening, async (path) => {
      const { failure, ...heard } = await listen(path, listening);
      Object.assign(outcome, heard);
      if (heard.transcript !== undefined) outcome.answers = listening.answers(heard.transcript);
      for (const [n, answer] of outcome.answers.entries()) {
        const target = listening.paths[n];
        if (target === undefined) break;
        await writeOutput(target, answer);
        outcome.written.push(target);
      }
      if (failure !== undefined) throw failure;
    });
  } catch (thrown) {
    outcome.failure = asFailure(thrown);
  }
  return outcome;
}

async function listen(
  path: string,
  { transcriber, wish, signal, onProgress }: Listening,
): Promise<Pick<Outcome, 'transcript' | 'gaps' | 'failure'>> {
  try {
    return {
      transcript: await transcriber.transcribe(path, wish, { signal, onProgress, keepGoing: true }),
      gaps: [],
    };
  } catch (thrown) {
    const failure = asFailure(signal.aborted ? signal.reason : thrown);
    const partial = thrown instanceof Error ? thrown.cause : undefined;
    return partial instanceof PartialTranscript ? { ...partial, failure } : { gaps: [], failure };
  }
}
