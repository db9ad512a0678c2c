// A daemon with the audio routes and a transcriber that the test controls.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import type { SpeechModel } from '../../../../src/apis/openai/transcriptions/models.ts';
import type { ApiServices, SpeechServices } from '../../../../src/apis/services.ts';
import type {
  TranscribeOptions,
  TranscriberLike,
  TranscriptionRequest,
} from '../../../../src/audio/transcriber.ts';
import type { Transcript } from '../../../../src/audio/transcript.ts';
import { WorkDirectories } from '../../../../src/audio/work-directory.ts';
import { Queue, type QueueOptions } from '../../../../src/turns/queue.ts';
import { type TestDaemon, type TestOptions, testDaemon } from '../../../server/support.ts';
import { until } from '../../../support/until.ts';
import { FakeTicker } from '../../../upstream/support.ts';

export const transcript: Transcript = {
  text: 'Hello there. Bye.',
  language: 'en',
  durationS: 8.47,
  segments: [
    { start: 0, end: 2.1, text: ' Hello there.' },
    { start: 2.1, end: 8.4, text: ' Bye.' },
  ],
  words: [{ start: 0, end: 0.3, word: 'Hello' }],
  engine: 'fake',
  model: 'small',
  warnings: [],
};

export const speechModels: SpeechModel[] = [
  {
    id: 'fake:small',
    engine: 'fake',
    ready: true,
    capabilities: {
      ...{ segments: true, words: true, prompt: true, languages: true },
      ...{ translate: true, streaming: false },
    },
    install: 'apt install fake',
  },
  {
    id: 'lame',
    engine: 'lame',
    ready: false,
    capabilities: {
      ...{ segments: false, words: false, prompt: false, languages: false },
      ...{ translate: false, streaming: false },
    },
    install: 'brew install lame',
    why: 'There is no program `lame`.',
    fix: 'Install it.',
  },
];

/** A requested transcription. */
export interface TranscriptionCall {
  content: string;
  request: TranscriptionRequest;
  options: TranscribeOptions;
}

export interface AudioDaemon extends TestDaemon {
  calls: TranscriptionCall[];
  /** The directory of uploads. */
  directory: string;
  /** Its entries. */
  uploads(): string[];
  /** Resolves when it is empty. */
  swept(): Promise<void>;
  audioQueue: Queue;
  ticker: FakeTicker;
  client: OpenAI;
}

export interface AudioTestOptions
  extends Partial<Pick<ApiServices, 'directories' | 'keepaliveMs' | 'strict'>> {
  speech?: Partial<SpeechServices>;
  places?: Partial<QueueOptions>;
  daemon?: TestOptions;
  speechModels?: SpeechModel[];
}

export type Work = (calls: TranscriptionCall) => Promise<Transcript> | Transcript;

export function audioDaemon(work: Work = () => transcript, options: AudioTestOptions = {}): AudioDaemon {
  const directory = mkdtempSync(join(tmpdir(), 'codexd-test-'));
  const calls: TranscriptionCall[] = [];
  const transcriber: TranscriberLike = {
    async transcribe(path, request, transcribeOptions) {
      const one = { content: readFileSync(path, 'latin1'), request, options: transcribeOptions };
      calls.push(one);
      return work(one);
    },
  };
  const { places, daemon: daemonOptions, speechModels: listed, speech, ...services } = options;
  const audioQueue = new Queue({ concurrency: 10, waiting: 10, timeoutMs: 5000, ...places });
  const ticker = new FakeTicker();
  const daemon = testDaemon([], {
    ...daemonOptions,
    services: {
      directories: new WorkDirectories({ parent: directory, pid: process.pid, isAlive: () => false }),
      ticker,
      keepaliveMs: 15_000,
      strict: false,
      ...services,
      speech: {
        transcriber,
        queue: audioQueue,
        limitBytes: 64 * 1024,
        models: async () => listed ?? speechModels,
        isListed: true,
        settleMs: 60_000,
        ...speech,
      },
    },
  });
  const uploads = () => readdirSync(directory);
  const dispose = daemon[Symbol.asyncDispose].bind(daemon);
  return Object.assign(daemon, {
    ...{ calls, directory, uploads, audioQueue, ticker },
    async swept() {
      await until(() => uploads().length === 0);
    },
    client: new OpenAI({ baseURL: `${daemon.url}/v1`, apiKey: 'anything', maxRetries: 0 }),
    async [Symbol.asyncDispose]() {
      await dispose();
      rmSync(directory, { recursive: true });
    },
  });
}

export const transcriptions = '/v1/audio/transcriptions';

/** A form with a recording and `fields`. */
export function form(fields: Record<string, string> = {}, content = 'RIFF'): FormData {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append('file', new File([content], 'private name.wav'));
  return body;
}

/** Work that ends when the test says so, or when its signal aborts. */
export function pendingWork(): {
  work: Work;
  started: Promise<TranscriptionCall>;
  end(transcript: Transcript): void;
  fail(thrown: unknown): void;
} {
  const started = Promise.withResolvers<TranscriptionCall>();
  const ended = Promise.withResolvers<Transcript>();
  return {
    work(one) {
      const { signal } = one.options;
      signal.addEventListener('abort', () => ended.reject(signal.reason));
      started.resolve(one);
      return ended.promise;
    },
    started: started.promise,
    end: ended.resolve,
    fail: ended.reject,
  };
}
