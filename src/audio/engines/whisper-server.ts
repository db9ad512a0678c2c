// whisper.cpp's `whisper-server`: one model, one inference at a time. The timeout of a job starts when its turn comes.

import { isObject } from '../../base/object.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { engineFailed, unknownModel } from '../programs/failures.ts';
import { speechWav, whisperCapabilities } from './capabilities.ts';
import type { Engine, Job, Readiness } from './engine.ts';
import { callServer, responseFailure, type SpeechForm } from './http.ts';
import { installHint } from './install.ts';
import { readJson } from './json.ts';
import { createRemote, type ProbeResponse } from './remote.ts';
import { normalizeResult } from './result.ts';
import type { EngineContext, EngineOptions, EngineSettings } from './settings.ts';
import { whisperJson } from './whisper-json.ts';

export function whisperServer(
  settings: EngineSettings,
  options: EngineOptions,
  context: EngineContext,
): Engine {
  const { id } = settings;
  const { fetch, platform } = context;
  const timeoutMs = timeoutOf(settings, options);
  const model = settings.model ?? 'default';
  const install = installHint('whisper-server', platform);
  const headers = settings.headers ?? {};
  const turns = new Semaphore(1);
  const remote = createRemote({
    ...{ settings, options, context, headers, model },
    defaultUrl: settings.start === undefined ? 'http://127.0.0.1:8080' : 'http://127.0.0.1:{port}',
    probeUrl: healthUrl,
    isUp: isHealthy,
  });

  const probe = async (): Promise<Readiness> => {
    const own = remote.ownReadiness();
    if (own !== undefined) return own;
    const response = await remote.probe();
    if (response !== undefined && isHealthy(response)) return { ready: true, detail: remote.url };
    if (response?.status === 503)
      return { ready: false, why: 'it is still loading its model', fix: 'retry in a moment' };
    const why =
      response === undefined
        ? `no server responds at ${remote.url}`
        : `${remote.url} is not a whisper-server`;
    const fix = `start whisper-server there, or let codexd start it: set \`start\` in its config.toml table (${install})`;
    return { ready: false, why, fix };
  };

  const transcribeAt = async (job: Job, base: string) => {
    const form = formOf(job, settings.fields);
    const url = inferenceUrl(base);
    const response = await callServer({
      engine: id,
      fetch,
      url,
      headers,
      form,
      signal: job.signal,
      timeoutMs,
    });
    if (response.status !== 200) {
      // Its error handler answers 404 to every failure but a bad request.
      throw responseFailure(id, response.status === 404 ? { ...response, status: 500 } : response, undefined);
    }
    const result = whisperJson(readJson(response.bytes));
    if (result === undefined) throw engineFailed(id, 'its response is not a transcript');
    return normalizeResult(result, job);
  };

  return {
    id,
    models: settings.models ?? (settings.model === undefined ? [] : [settings.model]),
    defaultModel: model,
    capabilities: whisperCapabilities,
    accepts: speechWav,
    concurrency: 1,
    install,
    probe,
    available: async () => ((await probe()).ready ? [model] : []),
    async transcribe(job) {
      // The server ignores the model name and would use its own.
      if (job.model !== model && !settings.models?.some((glob) => context.matchesGlob(glob, job.model))) {
        throw unknownModel(id, job.model, `Its only model is \`${model}\`.`);
      }
      return turns.run(job.signal, () => remote.use(job.signal, (url) => transcribeAt(job, url)));
    },
    ...(remote.memory && { memory: remote.memory }),
  };
}

/** Requests to a server always have a time limit, even if local engines have none. */
export function timeoutOf(settings: EngineSettings, options: EngineOptions): number {
  return (settings.timeoutSeconds || options.engineTimeoutSeconds || 3600) * 1000;
}

/** Checks for `{"status":"ok"}`, since another program may listen on the default port. */
function isHealthy({ status, bytes }: ProbeResponse): boolean {
  const value = readJson(bytes);
  return status === 200 && isObject(value) && value.status === 'ok';
}

function healthUrl(url: string): string {
  return `${new URL(url).origin}/health`;
}

/** A URL with a path is used unchanged: `--inference-path` can move the endpoint. */
function inferenceUrl(url: string): string {
  return new URL(url).pathname === '/' ? `${url}/inference` : url;
}

function formOf({ recording, ...job }: Job, more: EngineSettings['fields'] = {}): SpeechForm {
  const fields = {
    response_format: 'verbose_json',
    // Computing language probabilities would take an extra pass.
    no_language_probabilities: 'true',
    language: job.language ?? 'auto',
    temperature: String(job.temperature ?? 0),
    ...(job.words ? { token_timestamps: 'true' } : {}),
    ...(job.task === 'translate' ? { translate: 'true' } : {}),
    ...(job.prompt ? { prompt: job.prompt } : {}),
    ...more,
  };
  return { recording, fields: Object.entries(fields) };
}
