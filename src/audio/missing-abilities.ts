// Failures for features that an engine does not support, named after the fields of OpenAI's form. The pipeline throws them
// before it sends anything, the response formats if an engine returned less than it promised. `timestamp_granularities` alone
// is never refused, because SDKs send it unprompted (the AI SDK does as soon as any option is set).
import { Failure } from '../failure.ts';

export function segmentsUnsupported(engine: string): Failure {
  return new Failure('invalid_request', `The speech engine ${engine} does not provide timestamps.`, {
    code: 'unsupported_value',
    param: 'response_format',
    advice:
      'Request `json` or `text`, use an engine with timestamps such as `whisper-cpp`, or accept approximate timestamps (`chunking_strategy` = `auto`, `--chunk`).',
  });
}

export function noWordTimestamps(engine: string): string {
  return `The speech engine ${engine} does not provide word timestamps.`;
}

export function wordsUnsupported(engine: string): Failure {
  return new Failure('invalid_request', noWordTimestamps(engine), {
    code: 'unsupported_value',
    param: 'timestamp_granularities[]',
    advice: 'Remove `word`, or use an engine with word timestamps, such as `faster-whisper`.',
  });
}

export function translationUnsupported(engine: string): Failure {
  return new Failure('invalid_request', `The speech engine ${engine} cannot translate.`, {
    code: 'unsupported_value',
    param: 'model',
    advice: 'Use an engine that can, such as `whisper-cpp`, or transcribe and let a chat model translate.',
  });
}
