// A recording on disk, and a /transcribe endpoint with scripted responses.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../../src/log.ts';
import { desktopIdentity } from '../../../src/upstream/headers.ts';
import { fetchPost, type Upload } from '../../../src/upstream/transcribe/post.ts';
import {
  createTranscribe,
  type Transcribe,
  type TranscribeOptions,
} from '../../../src/upstream/transcribe.ts';
import type { Fetch } from '../../../src/upstream/transport.ts';
import { wav } from '../../simulator/sounds.ts';
import { type World, type WorldOptions, world } from '../support.ts';

export interface SentForm {
  url: string;
  headers: Headers;
  /** The form as it goes over the wire, as Latin-1. */
  form: string;
}

export type FormResponse = (sent: SentForm, signal: AbortSignal) => Response | Promise<Response>;

export interface SpeechWorld extends Pick<World, 'refreshed' | 'checks' | 'clock'> {
  transcribe: Transcribe;
  sent: SentForm[];
  sleeps: number[];
  logLines: string[];
  unused(): number;
}

export const ok: FormResponse = () => Response.json({ text: ' Well heard.\n' });

export function speechWorld(
  script: FormResponse[],
  options: Partial<TranscribeOptions> = {},
  { accounts, tokens }: Pick<WorldOptions, 'accounts' | 'tokens'> = {},
): SpeechWorld {
  const house = world([], { ...(accounts ? { accounts } : {}), ...(tokens ? { tokens } : {}) });
  const rest = [...script];
  const sent: SentForm[] = [];
  const sleeps: number[] = [];
  const logLines = house.logLines;
  const fetch: Fetch = async (url, init) => {
    const signal = init?.signal as AbortSignal;
    const wire = new Request(url, { method: 'POST', body: init?.body ?? null });
    const headers = new Headers({ ...Object.fromEntries(wire.headers), ...(init?.headers as object) });
    const form = Buffer.from(await wire.arrayBuffer()).toString('latin1');
    signal.throwIfAborted();
    sent.push({ url, headers, form });
    const answer = rest.shift();
    if (answer === undefined) throw new Error('the script is at its end');
    return answer(sent.at(-1)!, signal);
  };
  const transcribe = createTranscribe({
    client: house.client,
    endpoint: undefined,
    identity: desktopIdentity('linux', 'x64'),
    post: fetchPost(fetch),
    requestTimeoutMs: 300_000,
    log: createLog({ level: 'debug', format: 'json', write: (line) => logLines.push(line) }),
    nowMs: () => house.clock.nowMs,
    random: () => 0.5,
    sleep: async (ms) => {
      sleeps.push(ms);
      house.clock.nowMs += ms;
    },
    ...options,
  });
  const { refreshed, checks, clock } = house;
  return { transcribe, sent, sleeps, logLines, refreshed, checks, clock, unused: () => rest.length };
}

/** A second of speech under an odd name, in a directory that is removed after the test. */
export class Recorded implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'codexd-transcribe-'));
  readonly path = join(this.directory, 'secret "plan"; of ümit\\=.wav');
  readonly bytes: Buffer;

  constructor(bytes: Buffer = wav([[440, 1]])) {
    this.bytes = bytes;
    writeFileSync(this.path, bytes);
  }

  upload(more: Partial<Upload> = {}): Upload {
    return { path: this.path, filename: 'audio.wav', type: 'audio/wav', ...more };
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const neverAborted = () => new AbortController().signal;
