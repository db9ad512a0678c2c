// A transcript as text in one of the formats.
import type { Wish } from '../../audio/transcriber.ts';
import type { Transcript } from '../../audio/transcript.ts';
import { transcriptionAnswer } from '../../dialects/openai/transcriptions/whole.ts';
import type { Format } from './plan.ts';

/**
 * As the routes of the daemon answer, but every line is ended. `json` is codex-asr's one line, an empty transcript an empty
 * line. Throws where the format needs times and the engine gave none.
 */
export function answerOf(transcript: Transcript, format: Format, wish: Wish): string {
  switch (format) {
    case 'text':
      return `${transcript.text}\n`;
    case 'json':
      return `${JSON.stringify({ text: transcript.text })}\n`;
    case 'verbose_json':
      return `${encoded(transcript, format, wish)}\n`;
    case 'srt':
    case 'vtt':
      return encoded(transcript, format, wish);
  }
}

function encoded(transcript: Transcript, format: 'verbose_json' | 'srt' | 'vtt', wish: Wish): string {
  const shows = { segments: true, words: wish.words };
  return transcriptionAnswer(transcript, { wish, format, stream: false, dropped: [], shows }).body;
}
