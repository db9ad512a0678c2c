// What an engine cannot give, in the words of OpenAI's form. The pipeline refuses before anything is sent anywhere, the
// answers where an engine gave less than it promised. Subtitles need times; `timestamp_granularities` does not refuse, because
// SDKs send it without being asked to (the AI SDK, as soon as any option is given).
import { Failure } from '../failure.ts';

export function noSegments(engine: string): Failure {
  return new Failure(
    'invalid_request',
    `The speech engine ${engine} does not report when something was spoken.`,
    {
      code: 'unsupported_value',
      param: 'response_format',
      advice:
        'Ask for `json` or `text`, choose an engine with timestamps such as `whisper-cpp`, or let codexd cut the recording and say roughly when (`chunking_strategy` = `auto`, `--chunk`).',
    },
  );
}

export function wordsMissing(engine: string): string {
  return `The speech engine ${engine} does not report when each word was spoken.`;
}

export function noWords(engine: string): Failure {
  return new Failure('invalid_request', wordsMissing(engine), {
    code: 'unsupported_value',
    param: 'timestamp_granularities[]',
    advice: 'Leave `word` out, or choose an engine that times words, such as `faster-whisper`.',
  });
}

export function noTranslation(engine: string): Failure {
  return new Failure('invalid_request', `The speech engine ${engine} cannot translate.`, {
    code: 'unsupported_value',
    param: 'model',
    advice: 'Choose an engine that can, such as `whisper-cpp`, or transcribe and let a chat model translate.',
  });
}
