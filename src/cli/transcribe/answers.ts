// A transcript as text in one of the formats.
import type { Wish } from '../../audio/transcriber.ts';
import type { Transcript } from '../../audio/transcript.ts';
import type { Format } from './plan.ts';

/** As the routes of the daemon answer. Throws where the format needs times and the engine gave none. */
export type Encode = (transcript: Transcript, format: 'verbose_json' | 'srt' | 'vtt', wish: Wish) => string;

/** Ends its last line. An empty transcript is an empty line, as in codex-asr; `json` is that tool's one line. */
export function answerOf(transcript: Transcript, format: Format, wish: Wish, encode: Encode): string {
  switch (format) {
    case 'text':
      return `${transcript.text}\n`;
    case 'json':
      return `${JSON.stringify({ text: transcript.text })}\n`;
    case 'verbose_json':
      return `${encode(transcript, format, wish)}\n`;
    case 'srt':
    case 'vtt':
      return encode(transcript, format, wish);
  }
}
