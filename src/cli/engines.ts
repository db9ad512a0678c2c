// `codexd models --engines`: which speech engines are ready, and what the others lack.
import type { Capabilities, Engine, Readiness } from '../audio/engines/engine.ts';
import { columns } from './columns.ts';
import { paragraph } from './wrap.ts';

interface Surveyed {
  engine: Engine;
  isDefault: boolean;
  readiness: Readiness;
  models: readonly string[];
}

/** Asks all of them at once; each answers within seconds. */
export function surveyEngines(engines: readonly Engine[], usual: string): Promise<Surveyed[]> {
  return Promise.all(
    engines.map(async (engine) => {
      const readiness = await engine.probe();
      // What the list does not tell is a smaller matter than the table.
      const models = readiness.ready ? await engine.available().catch(() => []) : [];
      return { engine, isDefault: engine.id === usual, readiness, models };
    }),
  );
}

const capabilityNames: Record<keyof Capabilities, string> = {
  segments: 'segments',
  words: 'words',
  prompt: 'prompt',
  languages: 'language',
  translate: 'translate',
  streaming: 'streaming',
};

function capabilitiesOf({ capabilities }: Engine): string[] {
  return Object.entries(capabilityNames).flatMap(([key, name]) =>
    capabilities[key as keyof Capabilities] ? [name] : [],
  );
}

export function enginesText(surveyed: readonly Surveyed[], width: number): string {
  const rows = surveyed.map(({ engine, isDefault, readiness, models }) => [
    `${engine.id}${isDefault ? ' (default)' : ''}`,
    !readiness.ready ? 'no' : readiness.detail === undefined ? 'yes' : `yes, ${readiness.detail}`,
    capabilitiesOf(engine).join(' ') || '-',
    models.join(' ') || '-',
  ]);
  const lacks = surveyed.flatMap(({ engine, readiness }) =>
    readiness.ready ? [] : [whyNot(engine.id, readiness, width)],
  );
  const table = columns([['ENGINE', 'READY', 'CAN', 'MODELS'], ...rows], width);
  return lacks.length === 0 ? table : `${table}\n${lacks.join('')}`;
}

/** The fix is on lines of its own, to be copied. */
function whyNot(id: string, { why, fix }: { why: string; fix: string }, width: number): string {
  const problem = paragraph(`${id}: ${why.replace(/\.$/, '')}.`, width, '  ');
  return fix === '' ? problem : `${problem}  ${paragraph(fix, width, '  ')}`;
}

export function enginesJson(surveyed: readonly Surveyed[]): object[] {
  return surveyed.map(({ engine, isDefault, readiness, models }) => ({
    id: engine.id,
    default: isDefault,
    ...readiness,
    capabilities: engine.capabilities,
    models,
    default_model: engine.defaultModel ?? null,
    patterns: engine.models,
    install: engine.install,
  }));
}
