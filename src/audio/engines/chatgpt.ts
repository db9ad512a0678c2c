// ChatGPT as an engine: the user's own login transcribes. It gives text and nothing else.

import { fittingS } from '../cutting/cuts.ts';
import type { Container } from '../recording.ts';
import { textOnly } from './capabilities.ts';
import { namedUpload } from './chatgpt-upload.ts';
import { looksCutOff } from './cut-off.ts';
import type { Engine, Heard, Job, Readiness } from './engine.ts';

export interface ChatGptUpload {
  path: string;
  filename: string;
  type: string;
  language?: string;
}

export interface ChatGptOptions {
  /** Gives the text, trimmed; rejects with a Failure. */
  send: (upload: ChatGptUpload, signal: AbortSignal) => Promise<string>;
  /** Whether there is a login; throws nothing. */
  login: () => Readiness;
  /** Longer recordings are cut: from about five minutes on text goes missing without a word. */
  pieceSeconds: number;
}

const containers: ReadonlySet<Container> = new Set(['wav', 'mp3', 'mp4', 'flac', 'ogg', 'webm']);
/** Found out by uploading them; nobody has tried whether the service reads other sound in them. */
const codecs = { mp4: ['aac'], ogg: ['opus'], webm: ['opus'] } as const;
const largestBytes = 25_000_000;
const model = 'chatgpt';
/** Below this its text is guesswork. */
const shortS = 1;

export function chatgptEngine({ send, login, pieceSeconds }: ChatGptOptions): Engine {
  return {
    id: 'chatgpt',
    // OpenAI's own names mean the engine of the settings (registry.ts).
    models: [model],
    defaultModel: model,
    capabilities: { ...textOnly, languages: true },
    reads: {
      containers,
      codecs,
      pieceS: Math.min(pieceSeconds, fittingS(largestBytes)),
      longestS: 1380,
      largestBytes,
    },
    seemsCutOff: looksCutOff,
    concurrency: 16,
    install: 'codexd login',
    probe: async () => login(),
    available: async () => (login().ready ? [model] : []),
    transcribe: (job) => transcribe(job, send),
  };
}

async function transcribe(job: Job, send: ChatGptOptions['send']): Promise<Heard> {
  const { recording, upload = {}, signal } = job;
  const language = hintFor(job.language);
  const text = await send(
    {
      path: recording.path,
      ...namedUpload(recording, upload),
      ...(language === undefined ? {} : { language }),
    },
    signal,
  );
  return { text, warnings: warningsOf(job, language) };
}

/** The service answers 500 to what is not in ISO 639-1; Whisper's `jw` is `jv` there. */
function hintFor(language: string | undefined): string | undefined {
  if (language === 'jw') return 'jv';
  return language?.length === 2 ? language : undefined;
}

function warningsOf({ recording, language }: Job, hint: string | undefined): string[] {
  const warnings: string[] = [];
  if (recording.durationS !== undefined && recording.durationS < shortS) {
    warnings.push('The recording is shorter than a second; ChatGPT guesses at such.');
  }
  if (language !== undefined && hint === undefined) {
    warnings.push(`ChatGPT takes no hint for the language "${language}" and finds it out by itself.`);
  }
  return warnings;
}
