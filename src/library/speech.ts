// Reads recordings for the speech pipeline from a path, or from bytes, which are written to a private directory.
import { stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noSuchFile } from '../app/no-such-file.ts';
import type { Speech } from '../app/speech.ts';
import type { Progress, RawFormat, TranscriptionRequest } from '../audio/transcriber.ts';
import type { Transcript } from '../audio/transcript.ts';
import { asFailure } from '../failure.ts';

/** A path, a `file:` URL, or the bytes of a file. */
export type AudioSource = string | URL | Uint8Array | ArrayBuffer | Blob;

export interface SpeechOptions {
  /** `engine:model`, a model, or one of OpenAI's names. Default: the settings' engine, else ChatGPT. */
  model?: string;
  /** The id of an engine; overrides the one the model selects. */
  engine?: string;
  /** The spoken language: a code or an English name. */
  language?: string;
  /** Words to expect, for engines that accept a prompt. */
  prompt?: string;
  /** 0 to 1. */
  temperature?: number;
  /** Translate into English, if the engine supports it. */
  translate?: boolean;
  /** Return segments with times in seconds. Refused for engines without timestamps, unless `approximate`. */
  segments?: boolean;
  /** Return words with times in seconds. */
  words?: boolean;
  /** Accept segment boundaries as approximate timestamps. */
  approximate?: boolean;
  /** The format of samples without a header. */
  raw?: RawFormat;
  /** Ends the transcription. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** @internal */
export async function transcribeWith(
  speech: Speech,
  source: AudioSource,
  options: SpeechOptions,
): Promise<Transcript> {
  const { signal = new AbortController().signal, onProgress } = options;
  const request = requestOf(options);
  const transcribe = (path: string) =>
    speech.transcriber.transcribe(path, request, {
      signal,
      keepGoing: true,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  try {
    return await withPath(speech, source, transcribe);
  } catch (thrown) {
    throw asFailure(signal.aborted ? signal.reason : thrown);
  }
}

function requestOf(options: SpeechOptions): TranscriptionRequest {
  const { model, engine, language, prompt, temperature, raw, translate } = options;
  return {
    ...(model === undefined ? {} : { model }),
    ...(engine === undefined ? {} : { engine }),
    ...(language === undefined ? {} : { language }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(raw === undefined ? {} : { raw }),
    fromShell: true,
    task: translate ? 'translate' : 'transcribe',
    segments: options.segments ?? false,
    words: options.words ?? false,
    approximate: options.approximate ?? false,
  };
}

async function withPath<T>(
  { directories }: Speech,
  source: AudioSource,
  use: (path: string) => Promise<T>,
): Promise<T> {
  if (typeof source === 'string') return use(await existing(resolve(source)));
  if (source instanceof URL) return use(await existing(fileURLToPath(source)));
  const directory = await directories.open();
  try {
    const path = join(directory.path, 'recording');
    const bytes = source instanceof Blob ? await source.arrayBuffer() : source;
    await writeFile(path, bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes), { mode: 0o600 });
    return await use(path);
  } finally {
    await directory[Symbol.asyncDispose]();
  }
}

async function existing(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (cause) {
    throw noSuchFile(path, cause);
  }
}
