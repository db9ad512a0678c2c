// ChatGPT as an engine, through the user's own login. It returns text and nothing else.

import type { Container } from '../recording.ts';
import { targetSecondsFor } from '../splitting/plan.ts';
import { textOnly } from './capabilities.ts';
import { uploadNameOf } from './chatgpt-upload.ts';
import type { Engine, EngineResult, Job, Readiness } from './engine.ts';
import { looksTruncated } from './truncation.ts';

export interface ChatGptUpload {
  path: string;
  filename: string;
  type: string;
  language?: string;
}

export interface ChatGptOptions {
  /** Returns the trimmed text; rejects with a Failure. */
  send: (upload: ChatGptUpload, signal: AbortSignal) => Promise<string>;
  /** Ready if there is a login; never throws. */
  login: () => Readiness;
  /** Longer recordings are split: ChatGPT silently drops text from recordings of more than about five minutes. */
  segmentSeconds: number;
}

const containers: ReadonlySet<Container> = new Set(['wav', 'mp3', 'mp4', 'flac', 'ogg', 'webm']);
/** Found by uploading them; other codecs in these containers are untested. */
const codecs = { mp4: ['aac'], ogg: ['opus'], webm: ['opus'] } as const;
const largestBytes = 25_000_000;
const model = 'chatgpt';
/** ChatGPT may guess at shorter recordings. */
const guessesBelowS = 1;

export function chatgptEngine({ send, login, segmentSeconds }: ChatGptOptions): Engine {
  return {
    id: 'chatgpt',
    // OpenAI's model names select the configured engine (registry.ts), not this one.
    models: [model],
    defaultModel: model,
    capabilities: { ...textOnly, languages: true },
    accepts: {
      containers,
      codecs,
      segmentS: Math.min(segmentSeconds, targetSecondsFor(largestBytes)),
      longestS: 1380,
      largestBytes,
    },
    seemsTruncated: looksTruncated,
    concurrency: 16,
    install: 'codexd login',
    probe: async () => login(),
    available: async () => (login().ready ? [model] : []),
    transcribe: (job) => transcribe(job, send),
  };
}

async function transcribe(job: Job, send: ChatGptOptions['send']): Promise<EngineResult> {
  const { recording, upload = {}, signal } = job;
  const language = languageHint(job.language);
  const text = await send(
    {
      path: recording.path,
      ...uploadNameOf(recording, upload),
      ...(language === undefined ? {} : { language }),
    },
    signal,
  );
  return { text, warnings: warningsOf(job, language) };
}

/** The service accepts only ISO 639-1 and answers 500 to anything else; Whisper's `jw` is `jv` there. */
function languageHint(language: string | undefined): string | undefined {
  if (language === 'jw') return 'jv';
  return language?.length === 2 ? language : undefined;
}

function warningsOf({ recording, language }: Job, hint: string | undefined): string[] {
  const warnings: string[] = [];
  if (recording.durationS !== undefined && recording.durationS < guessesBelowS) {
    warnings.push('The recording is shorter than a second; ChatGPT may guess.');
  }
  if (language !== undefined && hint === undefined) {
    warnings.push(`ChatGPT does not accept "${language}" as a language hint and will detect the language.`);
  }
  return warnings;
}
