// Runs any program from a template of its command line. A placeholder fills one argument or a part of one, never more.

import { join } from 'node:path';
import { isObject } from '../../base/object.ts';
import { Failure } from '../../failure.ts';
import { unknownModel } from '../programs/failures.ts';
import { ffmpegContainerNames } from '../reading/ffmpeg-only.ts';
import type { Container } from '../recording.ts';
import { readSubtitles } from '../subtitles.ts';
import type { EngineResult } from './engine.ts';
import { commonContainers } from './input.ts';
import { readJson } from './json.ts';
import type { ProgramKind, ProgramRun } from './program-kind.ts';
import { languageOf, numberOf, recordsOf, textOf } from './result.ts';
import type { ArgvTemplate, EngineSettings, OutputMap, TemplateOutput } from './settings.ts';
import { clipPrompt } from './whisper-cpp.ts';
import { whisperJson } from './whisper-json.ts';

const anyContainer: ReadonlySet<Container> = new Set([
  ...commonContainers,
  ...(['mov', '3gp', 'matroska', 'aiff', 'caf', 'au', 'adts', 'amr', 'amr-wb', 'asf'] as const),
  ...ffmpegContainerNames,
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
    // Without a {model} placeholder the program has one model of its own.
    ...(mentions('model') ? {} : { defaultModel: settings.id }),
    capabilities: {
      segments: output.kind !== 'text' && (output.map === undefined || output.map.segments !== undefined),
      words: output.kind === 'json' && output.map === undefined,
      prompt: mentions('prompt'),
      languages: mentions('language'),
      translate: false,
      streaming: false,
    },
    accepts:
      settings.reads === 'file'
        ? { containers: anyContainer }
        : { containers: new Set(['wav']), wavRate: 16_000 },
    available: async ({ settings: { model } }) => (model === undefined ? [] : [model]),
    args: (invocation) => {
      if (!mentions('model')) checkModel(invocation);
      return fillTemplate(rest, placeholderValues(invocation));
    },
    output:
      output.from === 'stdout'
        ? undefined
        : output.from.replace(/^\{outbase\}/, 'out').replace(/^\{outdir\}[\\/]/, ''),
    ok: settings.ok ?? [0],
    read: (bytes) => readOutput(output, bytes),
  };
}

/** Without a {model} placeholder, only the configured names are accepted. */
function checkModel({ job, settings, context }: ProgramRun): void {
  const names = [settings.model ?? settings.id, ...(settings.models ?? [])];
  if (names.some((name) => context.matchesGlob(name, job.model))) return;
  throw unknownModel(settings.id, job.model, `Its model is \`${names[0]}\`.`);
}

function placeholderValues({ job, input, settings }: ProgramRun): Record<string, string | undefined> {
  return {
    file: input,
    wav16: input,
    outdir: job.directory,
    outbase: join(job.directory, 'out'),
    language: job.language,
    model: job.model,
    prompt: job.prompt === undefined ? undefined : clipPrompt(job.prompt),
    threads: settings.threads === undefined ? undefined : String(settings.threads),
  };
}

/** Fills in the values. A group with a missing value is omitted; a single argument with a missing value is an error. */
function fillTemplate(template: ArgvTemplate, values: Record<string, string | undefined>): string[] {
  const lookUp = (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined);
  return template.flatMap((part) => {
    const words = typeof part === 'string' ? [part] : part;
    const missing = words
      .join('')
      .match(/\{\w+\}/g)
      ?.find((name) => !lookUp(name.slice(1, -1)));
    if (missing === undefined) {
      return words.map((word) => word.replace(/\{(\w+)\}/g, (_, name: string) => lookUp(name) ?? ''));
    }
    if (typeof part !== 'string') return [];
    const param = missing.slice(1, -1);
    throw new Failure('invalid_request', `This speech engine requires \`${param}\`.`, {
      param,
      code: 'missing_required_parameter',
      advice: `Send \`${param}\`.`,
    });
  });
}

function readOutput({ kind, map }: TemplateOutput, bytes: Uint8Array): EngineResult | undefined {
  if (kind === 'json')
    return map === undefined ? whisperJson(readJson(bytes)) : readMapped(readJson(bytes), map);
  const text = new TextDecoder().decode(bytes);
  if (kind === 'text') return { text: text.trim() };
  const segments = readSubtitles(text);
  return segments === undefined ? undefined : { segments };
}

function readMapped(value: unknown, map: OutputMap): EngineResult | undefined {
  const scale = { s: 1, ms: 1000, cs: 100 }[map.unit ?? 's'];
  const text = textOf(valueAt(value, map.text ?? 'text'));
  const list = map.segments === undefined ? undefined : valueAt(value, map.segments);
  if (text === undefined && !Array.isArray(list)) return undefined;
  const language = languageOf(valueAt(value, map.language ?? 'language'));
  const timeOf = (part: unknown, key: string) => (numberOf(valueAt(part, key)) ?? 0) / scale;
  return {
    ...(text === undefined ? {} : { text }),
    ...(language === undefined ? {} : { language }),
    ...(Array.isArray(list)
      ? {
          segments: recordsOf(list).map((part) => ({
            start: timeOf(part, map.start ?? 'start'),
            end: timeOf(part, map.end ?? 'end'),
            text: textOf(valueAt(part, map.segmentText ?? 'text')) ?? '',
          })),
        }
      : {}),
  };
}

/** The value at dotted keys; numbers index into lists. */
function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  }, value);
}
