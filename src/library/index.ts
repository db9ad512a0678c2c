// codexd as a library. `createServer` needs Bun; everything else also runs on Node 20.16 and later.
import type { Transcript } from '../audio/transcript.ts';
import { CodexClient } from './client.ts';
import type { LibraryOptions } from './options.ts';
import type { AudioSource, SpeechOptions } from './speech.ts';

export { type Gap, PartialTranscript, type Progress, type RawFormat } from '../audio/transcriber.ts';
export type { Segment, Transcript, Word } from '../audio/transcript.ts';
export { Failure, type FailureKind } from '../failure.ts';
export type { Dropped } from '../responses/request.ts';
export type { ResponsesResponse } from '../responses/response.ts';
export { version } from '../version.ts';
export {
  type Account,
  type Body,
  type CallOptions,
  CodexClient,
  type ModelFacts,
  type StreamEvent,
  type WholeResponse,
} from './client.ts';
export type { LibraryOptions, Settings } from './options.ts';
export { createServer, type Server, type ServerOptions } from './server.ts';
export type { AudioSource, SpeechOptions } from './speech.ts';
export {
  ApiTranslator,
  collect,
  StreamTranslation,
  type TranslateOptions,
  translators,
} from './translators.ts';

/** Transcribes one recording, as `CodexClient.transcribe` does. */
export async function transcribe(
  source: AudioSource,
  options: LibraryOptions & SpeechOptions = {},
): Promise<Transcript> {
  const client = new CodexClient(options);
  try {
    return await client.transcribe(source, options);
  } finally {
    await client.close();
  }
}
