// What is said of recordings that cannot be used: a fault of the file, never of codexd.
import { Failure } from '../../failure.ts';

const code = 'unsupported_audio';

export function unsupported(message: string, advice?: string): Failure {
  return new Failure('invalid_request', message, {
    code,
    param: 'file',
    advice: advice ?? 'Convert it to WAV, FLAC, MP3 or M4A and send it again.',
  });
}

export function damaged(what: string, cause?: unknown): Failure {
  return new Failure(
    'invalid_request',
    `The ${what} audio cannot be read; the file is damaged or incomplete.`,
    {
      code,
      param: 'file',
      advice: 'Send the original file again, or convert it to WAV.',
      cause,
    },
  );
}

/** A film without a sound track. Converting it would not help, so no other way of reading it is tried. */
export function noSound(): Failure {
  return new Failure('invalid_request', 'The file holds no sound: it is a video without an audio track.', {
    code: 'no_audio_track',
    param: 'file',
    advice: 'Send an audio file, or a video that has sound.',
  });
}

export function tooLong(what: string): Failure {
  return new Failure('too_large', `The recording holds ${what}.`, {
    code: 'audio_too_long',
    param: 'file',
    advice: 'Cut it into shorter recordings and send them one by one.',
  });
}

/** The recording is at fault; another way of reading it may still work. */
export function isRefusal(thrown: unknown): thrown is Failure {
  return thrown instanceof Failure && thrown.code === code;
}

/** A name out of a header, fit for a message: printable, and never long. */
export function printable(name: string): string {
  return name.replace(/[^\x21-\x7e]+/g, '').slice(0, 12) || 'unnamed';
}
