// Formats transcripts for the command line.

import { formatTranscription } from '../../apis/openai/transcriptions/whole.ts';
import type { TranscriptionRequest } from '../../audio/transcriber.ts';
import type { Transcript } from '../../audio/transcript.ts';
import type { Format } from './plan.ts';

/**
 * The same text as the HTTP routes return, but always with a final line break. `json` is a single line, as in codex-asr. Throws
 * if the format needs timestamps and the engine returned none.
 */
export function formatTranscript(
  transcript: Transcript,
  format: Format,
  request: TranscriptionRequest,
): string {
  switch (format) {
    case 'text':
      return `${transcript.text}\n`;
    case 'json':
      return `${JSON.stringify({ text: transcript.text })}\n`;
    case 'verbose_json':
      return `${formatAsServer(transcript, format, request)}\n`;
    case 'srt':
    case 'vtt':
      return formatAsServer(transcript, format, request);
  }
}

function formatAsServer(
  transcript: Transcript,
  format: 'verbose_json' | 'srt' | 'vtt',
  request: TranscriptionRequest,
): string {
  const shows = { segments: true, words: request.words };
  return formatTranscription(transcript, { request, format, stream: false, dropped: [], shows }).body;
}
