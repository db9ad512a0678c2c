// Any program at all, by a template of its command line. A placeholder fills one argument or a part
// of one, never more.

import { join } from 'node:path';
import { Failure } from '../../failure.ts';
import { unknownModel } from '../programs/complaint.ts';
import { foreignNames } from '../reading/foreign.ts';
import type { Container } from '../recording.ts';
import { readSubtitles } from '../subtitles.ts';
import type { Heard } from './engine.ts';
import { isRecord, languageOf, numberOf, recordsOf, textOf } from './heard.ts';
import { usualContainers } from './input.ts';
import { readJson } from './json.ts';
import type { Ask, ProgramKind } from './program-kind.ts';
import type { EngineSettings, OutputMap, Template, TemplateOutput } from './settings.ts';
import { shortPrompt } from './whisper-cpp.ts';
import { whisperJson } from './whisper-json.ts';

const anyContainer: ReadonlySet<Container> = new Set([
  ...usualContainers,
  ...(['mov', '3gp', 'matroska', 'aiff', 'caf', 'au', 'adts', 'amr', 'amr-wb', 'asf'] as const),
  ...foreignNames,
]);

const noOutput: TemplateOutput = { kind: 'text', from: 'stdout' };

export function commandKind(settings: EngineSettings): ProgramKind {
  const argv = settings.argv ?? [];
  const { output = noOutput } = settings;
  const [program, ...rest] = argv;
  const mentions = (name: string) => argv.flat().some((word) => word.includes(`{${name}}`));
  return {
    kind: 'command',
    programs: typeof program === 'string' ? [program] : [],
    models: [],
    // Where the template does not tell the program a model, it has one.
    ...(mentions('model') ? {} : { defaultModel: settings.id }),
    capabilities: {
      segments: output.kind !== 'text' && (output.map === undefined || output.map.segments !== undefined),
      words: output.kind === 'json' && output.map === undefined,
      prompt: mentions('prompt'),
      languages: mentions('language'),
      translate: false,
      streaming: false,
    },
    reads:
      settings.reads === 'file'
        ? { containers: anyContainer }
        : { containers: new Set(['wav']), wavRate: 16_000 },
    available: async ({ settings: { model } }) => (model === undefined ? [] : [model]),
    args: (ask) => {
      if (!mentions('model')) checkModel(ask);
      return filled(rest, valuesOf(ask));
    },
    output:
      output.from === 'stdout'
        ? undefined
        : output.from.replace(/^\{outbase\}/, 'out').replace(/^\{outdir\}[\\/]/, ''),
    ok: settings.ok ?? [0],
    read: (bytes) => readOutput(output, bytes),
  };
}

/** Without a placeholder for it, only names that mean this engine are its model. */
function checkModel({ job, settings, surroundings }: Ask): void {
  const names = [settings.model ?? settings.id, ...(settings.models ?? [])];
  if (names.some((name) => surroundings.matchesGlob(name, job.model))) return;
  throw unknownModel(settings.id, job.model, `Its model is \`${names[0]}\`.`);
}

function valuesOf({ job, input, settings }: Ask): Record<string, string | undefined> {
  return {
    file: input,
    wav16: input,
    outdir: job.directory,
    outbase: join(job.directory, 'out'),
    language: job.language,
    model: job.model,
    prompt: job.prompt === undefined ? undefined : shortPrompt(job.prompt),
    threads: settings.threads === undefined ? undefined : String(settings.threads),
  };
}

/** The arguments. A group without all its values is left out; a word without one is the request's fault. */
function filled(template: Template, values: Record<string, string | undefined>): string[] {
  const given = (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined);
  return template.flatMap((part) => {
    const words = typeof part === 'string' ? [part] : part;
    const missing = words
      .join('')
      .match(/\{\w+\}/g)
      ?.find((name) => !given(name.slice(1, -1)));
    if (missing === undefined) {
      return words.map((word) => word.replace(/\{(\w+)\}/g, (_, name: string) => given(name) ?? ''));
    }
    if (typeof part !== 'string') return [];
    const param = missing.slice(1, -1);
    throw new Failure('invalid_request', `The speech engine wants to be told the ${param}.`, {
      param,
      code: 'missing_required_parameter',
      advice: `Send \`${param}\`.`,
    });
  });
}

function readOutput({ kind, map }: TemplateOutput, bytes: Uint8Array): Heard | undefined {
  if (kind === 'json') return map === undefined ? whisperJson(readJson(bytes)) : mapped(readJson(bytes), map);
  const text = new TextDecoder().decode(bytes);
  if (kind === 'text') return { text: text.trim() };
  const segments = readSubtitles(text);
  return segments === undefined ? undefined : { segments };
}

function mapped(value: unknown, map: OutputMap): Heard | undefined {
  const scale = { s: 1, ms: 1000, cs: 100 }[map.unit ?? 's'];
  const text = textOf(at(value, map.text ?? 'text'));
  const list = map.segments === undefined ? undefined : at(value, map.segments);
  if (text === undefined && !Array.isArray(list)) return undefined;
  const language = languageOf(at(value, map.language ?? 'language'));
  const timeOf = (part: unknown, key: string) => (numberOf(at(part, key)) ?? 0) / scale;
  return {
    ...(text === undefined ? {} : { text }),
    ...(language === undefined ? {} : { language }),
    ...(Array.isArray(list)
      ? {
          segments: recordsOf(list).map((part) => ({
            start: timeOf(part, map.start ?? 'start'),
            end: timeOf(part, map.end ?? 'end'),
            text: textOf(at(part, map.segmentText ?? 'text')) ?? '',
          })),
        }
      : {}),
  };
}

/** The value behind dotted keys; numbers count into lists. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isRecord(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  }, value);
}
