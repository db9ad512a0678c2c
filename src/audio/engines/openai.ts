// Any server that speaks OpenAI's transcription API: OpenAI, Groq, speaches, vLLM, LocalAI,
// open-asr-server, codex-asr.

import { fittingS } from '../cutting/cuts.ts';
import { engineFailed, engineUnavailable } from '../programs/complaint.ts';
import type { Container } from '../recording.ts';
import { whisperCan } from './capabilities.ts';
import { looksCutOff } from './cut-off.ts';
import type { Engine, Heard, Job, Readiness, Reads } from './engine.ts';
import { isRecord, recordsOf, settled, textOf } from './heard.ts';
import { type Answer, exchange, refusal, type SpeechForm, saidBy } from './http.ts';
import { usualContainers } from './input.ts';
import { installHint } from './install.ts';
import { readJson } from './json.ts';
import { createRemote } from './remote.ts';
import type { EngineOptions, EngineSettings, Surroundings } from './settings.ts';
import { whisperJson } from './whisper-json.ts';
import { timeoutOf } from './whisper-server.ts';

const containers: ReadonlySet<Container> = usualContainers;
/** 13 minutes as 16 kHz WAV. */
const largestBytes = 25 * 1024 ** 2;
const hostedReads: Reads = { containers, pieceS: fittingS(largestBytes), largestBytes };
const hosted = /^https:\/\/api\.(?:openai|groq)\.com(?:[:/]|$)/;
/** Among the models of a server that has others too. */
const speechName =
  /whisper|transcri|parakeet|canary|voxtral|moonshine|sense-?voice|paraformer|(?:^|[-_/])(?:asr|stt)(?:$|[-_/])/i;

export function openai(settings: EngineSettings, options: EngineOptions, surroundings: Surroundings): Engine {
  const { id, apiKeyEnv, model, models } = settings;
  const { fetch, env, platform, matchesGlob } = surroundings;
  const install = installHint('openai', platform);
  const isHosted = hosted.test(settings.url ?? '');
  const key = apiKeyEnv === undefined ? undefined : env[apiKeyEnv];
  const headers = { ...settings.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  const timeoutMs = timeoutOf(settings, options);
  /** Models that refused `verbose_json` once. */
  const plain = new Set<string>();
  const remote = createRemote({
    ...{ settings, options, surroundings, headers, model: model ?? id },
    defaultUrl: 'http://127.0.0.1:{port}/v1',
    probedUrl: (url) => `${url}/models`,
    isUp: ({ status }) => status < 500,
  });

  const probe = async (): Promise<Readiness> => {
    if (settings.url === undefined && settings.start === undefined) {
      return { ready: false, why: 'no server is set', fix: install };
    }
    if (apiKeyEnv !== undefined && !key) {
      return { ready: false, why: `the variable ${apiKeyEnv} is not set`, fix: `export ${apiKeyEnv}=…` };
    }
    const own = remote.ownReadiness();
    if (own !== undefined) return own;
    const answer = await remote.probe();
    if (answer === undefined) {
      return {
        ready: false,
        why: `nothing answers at ${remote.url}`,
        fix: 'start it, or correct `url` in its table',
      };
    }
    if (answer.status === 401 || answer.status === 403) {
      const fix =
        apiKeyEnv === undefined ? 'set `api_key_env` in its table' : `check the variable ${apiKeyEnv}`;
      return { ready: false, why: `${remote.url} refused the key`, fix };
    }
    // Not every server lists its models: 404 and 405 are answers of a server that is there.
    if (answer.status >= 500)
      return { ready: false, why: `it answered ${answer.status}`, fix: 'see its own log' };
    return { ready: true, detail: remote.url };
  };

  const available = async (): Promise<string[]> => {
    const named = [...new Set([...(model === undefined ? [] : [model]), ...(models ?? [])])];
    const concrete = named.filter((name) => !name.includes('*'));
    if (!(await probe()).ready) return [];
    if (named.length > 0 && concrete.length === named.length) return concrete;
    const answer = await remote.probe();
    const list = answer === undefined ? undefined : readJson(answer.bytes);
    const ids = recordsOf(isRecord(list) ? list.data : undefined).flatMap((one) => textOf(one.id) ?? []);
    const wanted = ids.filter((one) =>
      named.length === 0
        ? speechName.test(one) && !one.includes('*')
        : named.some((glob) => matchesGlob(glob, one)),
    );
    return [...new Set([...concrete, ...wanted])].sort();
  };

  const ask = (job: Job, base: string, verbose: boolean): Promise<Answer> =>
    exchange({
      ...{ engine: id, fetch, headers, signal: job.signal, timeoutMs },
      url: `${base}/audio/${job.task === 'translate' ? 'translations' : 'transcriptions'}`,
      form: formOf(job, verbose, settings.fields),
    });

  const hear = async (job: Job, base: string): Promise<Heard> => {
    let answer = await ask(job, base, !plain.has(job.model));
    if (!plain.has(job.model) && refusesVerbose(answer)) {
      plain.add(job.model);
      answer = await ask(job, base, false);
    }
    if (answer.status >= 500) answer = await ask(job, base, !plain.has(job.model));
    if (answer.status < 200 || answer.status > 299) throw refusal(id, answer, apiKeyEnv);
    const heard = readAnswer(answer);
    if (heard === undefined) throw engineFailed(id, 'its answer is no transcript');
    return settled(heard, job);
  };

  return {
    id,
    models: models ?? (model === undefined ? [] : [model]),
    ...(model === undefined ? {} : { defaultModel: model }),
    capabilities: whisperCan,
    ...(isHosted ? { reads: hostedReads, seemsCutOff: looksCutOff } : { reads: { containers } }),
    concurrency: settings.concurrency ?? 4,
    install,
    probe,
    available,
    async transcribe(job) {
      if (settings.url === undefined && settings.start === undefined)
        throw engineUnavailable(id, 'no server is set', install);
      return remote.use(job.signal, (url) => hear(job, url));
    },
    ...(remote.memory && { memory: remote.memory }),
  };
}

function formOf(job: Job, verbose: boolean, more: EngineSettings['fields'] = {}): SpeechForm {
  const fields: [name: string, value: string][] = [['model', job.model]];
  if (job.language !== undefined && job.task === 'transcribe') fields.push(['language', job.language]);
  if (job.prompt) fields.push(['prompt', job.prompt]);
  if (job.temperature !== undefined) fields.push(['temperature', String(job.temperature)]);
  fields.push(['response_format', verbose ? 'verbose_json' : 'json']);
  if (verbose && job.task === 'transcribe') {
    fields.push(['timestamp_granularities[]', 'segment']);
    if (job.words) fields.push(['timestamp_granularities[]', 'word']);
  }
  return { recording: job.recording, fields: [...fields, ...Object.entries(more)] };
}

function refusesVerbose(answer: Answer): boolean {
  if (answer.status !== 400 && answer.status !== 422) return false;
  const { message, param } = saidBy(answer);
  return /response_format|timestamp_granularities/.test(`${param} ${message}`);
}

/** By shape, not by content type; plain text only from a server that says it is. */
function readAnswer({ bytes, headers }: Answer): Heard | undefined {
  const heard = whisperJson(readJson(bytes));
  if (heard !== undefined) return heard;
  const text = new TextDecoder().decode(bytes).trim();
  const isPlain = /^text\/plain\b/i.test(headers.get('content-type') ?? '');
  return isPlain && !/^[<{[]/.test(text) ? { text } : undefined;
}
