// What an engine cannot give, in the words of OpenAI's form. The pipeline refuses before anything is sent anywhere, the
// answers where an engine gave less than it promised. Decided once for trap 60 of reference/asr.md: times that were asked
// for and cannot be had are a 400, whoever chose the engine; a client that wants words does not look whether they came.
import { Failure } from '../failure.ts';

/** Subtitles, or segments that were asked for by name. */
export function noSegments(engine: string, param: string): Failure {
  return new Failure(
    'invalid_request',
    `The speech engine ${engine} does not say when something was spoken.`,
    {
      code: 'unsupported_value',
      param,
      next: 'Ask for `json` or `text`, choose an engine with timestamps such as `whisper-cpp`, or let codexd cut the recording and say roughly when (`chunking_strategy` = `auto`, `--chunk`).',
    },
  );
}

export function noWords(engine: string): Failure {
  return new Failure(
    'invalid_request',
    `The speech engine ${engine} does not say when each word was spoken.`,
    {
      code: 'unsupported_value',
      param: 'timestamp_granularities[]',
      next: 'Leave `word` out, or choose an engine that times words, such as `faster-whisper`.',
    },
  );
}

export function noTranslation(engine: string): Failure {
  return new Failure('invalid_request', `The speech engine ${engine} cannot translate.`, {
    code: 'unsupported_value',
    param: 'model',
    next: 'Choose an engine that can, such as `whisper-cpp`, or transcribe and let a chat model translate.',
  });
}
