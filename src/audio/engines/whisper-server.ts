// whisper.cpp's `whisper-server`: one model, one inference at a time, and its time counts from its turn.

import { engineFailed, unknownModel } from '../programs/complaint.ts';
import { Slots } from '../slots.ts';
import { speechWav, whisperCan } from './capabilities.ts';
import type { Engine, Job, Readiness } from './engine.ts';
import { isRecord, settled } from './heard.ts';
import { exchange, refusal, type SpeechForm } from './http.ts';
import { installHint } from './install.ts';
import { readJson } from './json.ts';
import { createRemote, type Probed } from './remote.ts';
import type { EngineOptions, EngineSettings, Surroundings } from './settings.ts';
import { whisperJson } from './whisper-json.ts';

export function whisperServer(
  settings: EngineSettings,
  options: EngineOptions,
  surroundings: Surroundings,
): Engine {
  const { id } = settings;
  const { fetch, platform } = surroundings;
  const timeoutMs = timeoutOf(settings, options);
  const model = settings.model ?? 'default';
  const install = installHint('whisper-server', platform);
  const headers = settings.headers ?? {};
  const turns = new Slots(1);
  const remote = createRemote({
    ...{ settings, options, surroundings, headers, model },
    defaultUrl: settings.start === undefined ? 'http://127.0.0.1:8080' : 'http://127.0.0.1:{port}',
    probedUrl: healthOf,
    isUp: isWell,
  });

  const probe = async (): Promise<Readiness> => {
    const own = remote.ownReadiness();
    if (own !== undefined) return own;
    const answer = await remote.probe();
    if (answer !== undefined && isWell(answer)) return { ready: true, detail: remote.url };
    if (answer?.status === 503)
      return { ready: false, why: 'it is still loading its model', fix: 'wait a moment' };
    const why =
      answer === undefined ? `nothing answers at ${remote.url}` : `${remote.url} is no whisper-server`;
    const fix = `start whisper-server there, or set \`start\` in its table of config.toml and codexd does (${install})`;
    return { ready: false, why, fix };
  };

  const hear = async (job: Job, base: string) => {
    const form = formOf(job, settings.fields);
    const url = inferenceOf(base);
    const answer = await exchange({ engine: id, fetch, url, headers, form, signal: job.signal, timeoutMs });
    if (answer.status !== 200) {
      // Its error handler makes a 404 of everything but a bad request.
      throw refusal(id, answer.status === 404 ? { ...answer, status: 500 } : answer, undefined);
    }
    const heard = whisperJson(readJson(answer.bytes));
    if (heard === undefined) throw engineFailed(id, 'its answer is no transcript');
    return settled(heard, job);
  };

  return {
    id,
    models: settings.models ?? (settings.model === undefined ? [] : [settings.model]),
    defaultModel: model,
    capabilities: whisperCan,
    reads: speechWav,
    concurrency: 1,
    install,
    probe,
    available: async () => ((await probe()).ready ? [model] : []),
    async transcribe(job) {
      // It would take whatever model it has, and say nothing.
      if (
        job.model !== model &&
        !settings.models?.some((glob) => surroundings.matchesGlob(glob, job.model))
      ) {
        throw unknownModel(id, job.model, `Its one model is \`${model}\`.`);
      }
      return turns.run(job.signal, () => remote.use(job.signal, (url) => hear(job, url)));
    },
    ...(remote.memory && { memory: remote.memory }),
  };
}

/** Requests to a server have an end even where local engines have none. */
export function timeoutOf(settings: EngineSettings, options: EngineOptions): number {
  return (settings.timeoutSeconds || options.engineTimeoutSeconds || 3600) * 1000;
}

/** `{"status":"ok"}`: anything may listen at the usual port. */
function isWell({ status, bytes }: Probed): boolean {
  const value = readJson(bytes);
  return status === 200 && isRecord(value) && value.status === 'ok';
}

function healthOf(url: string): string {
  return `${new URL(url).origin}/health`;
}

/** Its path can be moved (`--inference-path`): a URL with a path means just that. */
function inferenceOf(url: string): string {
  return new URL(url).pathname === '/' ? `${url}/inference` : url;
}

function formOf({ recording, ...job }: Job, more: EngineSettings['fields'] = {}): SpeechForm {
  const fields = {
    response_format: 'verbose_json',
    // The table of probabilities costs a pass of its own.
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
