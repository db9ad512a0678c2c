// Transcribes one input and writes its output files.
import {
  type Gap,
  PartialTranscript,
  type Progress,
  type TranscriberLike,
  type TranscriptionRequest,
} from '../../audio/transcriber.ts';
import type { Transcript } from '../../audio/transcript.ts';
import { asFailure, type Failure } from '../../failure.ts';
import { writeOutput } from './outputs.ts';
import { type RecordingOptions, withRecording } from './recordings.ts';
import { nameOf } from './words.ts';

/** Both a failure and a transcript are possible: the transcript has gaps, or could not be written. */
export interface FileOutcome {
  name: string;
  transcript?: Transcript;
  /** The transcript in each of the formats. */
  texts: readonly string[];
  gaps: readonly Gap[];
  /** The paths of the files that were written. */
  written: string[];
  failure?: Failure;
}

export interface TranscribeFileOptions extends RecordingOptions {
  transcriber: TranscriberLike;
  request: TranscriptionRequest;
  onProgress(progress: Progress): void;
  /** The transcript in each of the formats. */
  format(transcript: Transcript): string[];
  /** A path for each format, or empty if nothing is to be written. */
  paths: readonly string[];
}

/** Never rejects: failures are part of the outcome. */
export async function transcribeFile(input: string, options: TranscribeFileOptions): Promise<FileOutcome> {
  const outcome: FileOutcome = { name: nameOf(input), texts: [], gaps: [], written: [] };
  try {
    options.signal.throwIfAborted();
    await withRecording(input, options, async (path) => {
      const { failure, ...transcribed } = await transcribe(path, options);
      Object.assign(outcome, transcribed);
      if (transcribed.transcript !== undefined) outcome.texts = options.format(transcribed.transcript);
      for (const [n, text] of outcome.texts.entries()) {
        const target = options.paths[n];
        if (target === undefined) break;
        await writeOutput(target, text);
        outcome.written.push(target);
      }
      if (failure !== undefined) throw failure;
    });
  } catch (thrown) {
    outcome.failure = asFailure(thrown);
  }
  return outcome;
}

async function transcribe(
  path: string,
  { transcriber, request, signal, onProgress }: TranscribeFileOptions,
): Promise<Pick<FileOutcome, 'transcript' | 'gaps' | 'failure'>> {
  try {
    return {
      transcript: await transcriber.transcribe(path, request, { signal, onProgress, keepGoing: true }),
      gaps: [],
    };
  } catch (thrown) {
    const failure = asFailure(signal.aborted ? signal.reason : thrown);
    const partial = thrown instanceof Error ? thrown.cause : undefined;
    return partial instanceof PartialTranscript ? { ...partial, failure } : { gaps: [], failure };
  }
}
