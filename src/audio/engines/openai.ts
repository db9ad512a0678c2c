// Any server with OpenAI's transcription API: OpenAI, Groq, speaches, vLLM, LocalAI, open-asr-server, codex-asr.

import { isObject } from '../../base/object.ts';
import { engineFailed, engineUnavailable } from '../programs/failures.ts';
import type { Container } from '../recording.ts';
import { targetSecondsFor } from '../splitting/plan.ts';
import { whisperCapabilities } from './capabilities.ts';
import type { AcceptedInput, Engine, EngineResult, Job, Readiness } from './engine.ts';
import { callServer, type EngineResponse, errorDetails, responseFailure, type SpeechForm } from './http.ts';
import { commonContainers } from './input.ts';
import { installHint } from './install.ts';
import { readJson } from './json.ts';
import { createRemote } from './remote.ts';
import { normalizeResult, recordsOf, textOf } from './result.ts';
import type { EngineContext, EngineOptions, EngineSettings } from './settings.ts';
import { looksTruncated } from './truncation.ts';
import { whisperJson } from './whisper-json.ts';
import { timeoutOf } from './whisper-server.ts';

const containers: ReadonlySet<Container> = commonContainers;
/** 13 minutes as 16 kHz WAV. */
const largestBytes = 25 * 1024 ** 2;
const hostedInput: AcceptedInput = { containers, segmentS: targetSecondsFor(largestBytes), largestBytes };
const hosted = /^https:\/\/api\.(?:openai|groq)\.com(?:[:/]|$)/;
/** Recognises speech models on servers that have other models too. */
const speechModelName =
  /whisper|transcri|parakeet|canary|voxtral|moonshine|sense-?voice|paraformer|(?:^|[-_/])(?:asr|stt)(?:$|[-_/])/i;

export function openai(settings: EngineSettings, options: EngineOptions, context: EngineContext): Engine {
  const { id, apiKeyEnv, model, models } = settings;
  const { fetch, env, platform, matchesGlob } = context;
  const install = installHint('openai', platform);
  const isHosted = hosted.test(settings.url ?? '');
  const key = apiKeyEnv === undefined ? undefined : env[apiKeyEnv];
  const headers = { ...settings.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  const timeoutMs = timeoutOf(settings, options);
  /** Models that have refused `verbose_json`. */
  const withoutVerbose = new Set<string>();
  const remote = createRemote({
    ...{ settings, options, context, headers, model: model ?? id },
    defaultUrl: 'http://127.0.0.1:{port}/v1',
    probeUrl: (url) => `${url}/models`,
    isUp: ({ status }) => status < 500,
  });

  const probe = async (): Promise<Readiness> => {
    if (settings.url === undefined && settings.start === undefined) {
      return { ready: false, why: 'no server is configured', fix: install };
    }
    if (apiKeyEnv !== undefined && !key) {
      return { ready: false, why: `the variable ${apiKeyEnv} is not set`, fix: `export ${apiKeyEnv}=…` };
    }
    const own = remote.ownReadiness();
    if (own !== undefined) return own;
    const response = await remote.probe();
    if (response === undefined) {
      return {
        ready: false,
        why: `no server responds at ${remote.url}`,
        fix: 'start it, or correct `url` in its config.toml table',
      };
    }
    if (response.status === 401 || response.status === 403) {
      const fix =
        apiKeyEnv === undefined
          ? 'set `api_key_env` in its config.toml table'
          : `check the variable ${apiKeyEnv}`;
      return { ready: false, why: `${remote.url} rejected the key`, fix };
    }
    // Some servers do not list their models: 404 and 405 still mean that the server is up.
    if (response.status >= 500)
      return { ready: false, why: `it answered ${response.status}`, fix: 'check its log' };
    return { ready: true, detail: remote.url };
  };

  const available = async (): Promise<string[]> => {
    const named = [...new Set([...(model === undefined ? [] : [model]), ...(models ?? [])])];
    const concrete = named.filter((name) => !name.includes('*'));
    if (!(await probe()).ready) return [];
    if (named.length > 0 && concrete.length === named.length) return concrete;
    const response = await remote.probe();
    const list = response === undefined ? undefined : readJson(response.bytes);
    const ids = recordsOf(isObject(list) ? list.data : undefined).flatMap((one) => textOf(one.id) ?? []);
    const wanted = ids.filter((one) =>
      named.length === 0
        ? speechModelName.test(one) && !one.includes('*')
        : named.some((glob) => matchesGlob(glob, one)),
    );
    return [...new Set([...concrete, ...wanted])].sort();
  };

  const send = (job: Job, base: string, verbose: boolean): Promise<EngineResponse> =>
    callServer({
      ...{ engine: id, fetch, headers, signal: job.signal, timeoutMs },
      url: `${base}/audio/${job.task === 'translate' ? 'translations' : 'transcriptions'}`,
      form: formOf(job, verbose, settings.fields),
    });

  const transcribeAt = async (job: Job, base: string): Promise<EngineResult> => {
    let response = await send(job, base, !withoutVerbose.has(job.model));
    if (!withoutVerbose.has(job.model) && refusesVerbose(response)) {
      withoutVerbose.add(job.model);
      response = await send(job, base, false);
    }
    if (response.status >= 500) response = await send(job, base, !withoutVerbose.has(job.model));
    if (response.status < 200 || response.status > 299) throw responseFailure(id, response, apiKeyEnv);
    const result = readResponse(response);
    if (result === undefined) throw engineFailed(id, 'its response is not a transcript');
    return normalizeResult(result, job);
  };

  return {
    id,
    models: models ?? (model === undefined ? [] : [model]),
    ...(model === undefined ? {} : { defaultModel: model }),
    capabilities: whisperCapabilities,
    ...(isHosted ? { accepts: hostedInput, seemsTruncated: looksTruncated } : { accepts: { containers } }),
    concurrency: settings.concurrency ?? 4,
    install,
    probe,
    available,
    async transcribe(job) {
      if (settings.url === undefined && settings.start === undefined)
        throw engineUnavailable(id, 'no server is configured', install);
      return remote.use(job.signal, (url) => transcribeAt(job, url));
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

function refusesVerbose(response: EngineResponse): boolean {
  if (response.status !== 400 && response.status !== 422) return false;
  const { message, param } = errorDetails(response);
  return /response_format|timestamp_granularities/.test(`${param} ${message}`);
}

/** Reads JSON by shape, whatever the content type; plain text only with the content type text/plain. */
function readResponse({ bytes, headers }: EngineResponse): EngineResult | undefined {
  const result = whisperJson(readJson(bytes));
  if (result !== undefined) return result;
  const text = new TextDecoder().decode(bytes).trim();
  const isPlain = /^text\/plain\b/i.test(headers.get('content-type') ?? '');
  return isPlain && !/^[<{[]/.test(text) ? { text } : undefined;
}
