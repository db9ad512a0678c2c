// Failures for recordings that cannot be used. The file is at fault, never codexd.
import { Failure } from '../../failure.ts';

const code = 'unsupported_audio';

export function unsupportedAudio(message: string, advice?: string): Failure {
  return new Failure('invalid_request', message, {
    code,
    param: 'file',
    advice: advice ?? 'Convert it to WAV, FLAC, MP3 or M4A and send it again.',
  });
}

export function damagedAudio(format: string, cause?: unknown): Failure {
  return new Failure(
    'invalid_request',
    `The ${format} audio cannot be read; the file is damaged or incomplete.`,
    {
      code,
      param: 'file',
      advice: 'Send the original file again, or convert it to WAV.',
      cause,
    },
  );
}

/** For a video without an audio track. Other converters could not help, so its code differs from that of a refusal. */
export function noAudioTrack(): Failure {
  return new Failure('invalid_request', 'The file is a video without an audio track.', {
    code: 'no_audio_track',
    param: 'file',
    advice: 'Send an audio file, or a video with an audio track.',
  });
}

export function tooLong(content: string): Failure {
  return new Failure('too_large', `The recording contains ${content}.`, {
    code: 'audio_too_long',
    param: 'file',
    advice: 'Split it into shorter recordings and send them separately.',
  });
}

/** Whether the recording could not be read; another decoder may still succeed. */
export function isRefusal(thrown: unknown): thrown is Failure {
  return thrown instanceof Failure && thrown.code === code;
}

/** A name from a header, reduced to at most 12 printable characters for a message. */
export function printable(name: string): string {
  return name.replace(/[^\x21-\x7e]+/g, '').slice(0, 12) || 'unnamed';
}
