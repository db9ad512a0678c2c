// `codexd models --engines`: which speech engines are ready, and what the others need.
import type { Capabilities, Engine, Readiness } from '../audio/engines/engine.ts';
import { columns } from './columns.ts';
import { paragraph } from './wrap.ts';

interface EngineStatus {
  engine: Engine;
  isDefault: boolean;
  readiness: Readiness;
  models: readonly string[];
}

/** Probes all engines concurrently; a probe takes seconds at most. */
export function probeEngines(engines: readonly Engine[], defaultId: string): Promise<EngineStatus[]> {
  return Promise.all(
    engines.map(async (engine) => {
      const readiness = await engine.probe();
      // If the list of models cannot be fetched, the table is printed without it.
      const models = readiness.ready ? await engine.available().catch(() => []) : [];
      return { engine, isDefault: engine.id === defaultId, readiness, models };
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

export function enginesText(engines: readonly EngineStatus[], width: number): string {
  const rows = engines.map(({ engine, isDefault, readiness, models }) => [
    `${engine.id}${isDefault ? ' (default)' : ''}`,
    !readiness.ready ? 'no' : readiness.detail === undefined ? 'yes' : `yes, ${readiness.detail}`,
    capabilitiesOf(engine).join(' ') || '-',
    models.join(' ') || '-',
  ]);
  const problems = engines.flatMap(({ engine, readiness }) =>
    readiness.ready ? [] : [notReadyText(engine.id, readiness, width)],
  );
  const table = columns([['ENGINE', 'READY', 'FEATURES', 'MODELS'], ...rows], width);
  return problems.length === 0 ? table : `${table}\n${problems.join('')}`;
}

/** The fix is on its own lines, so that it can be copied. */
function notReadyText(id: string, { why, fix }: { why: string; fix: string }, width: number): string {
  const problem = paragraph(`${id}: ${why.replace(/\.$/, '')}.`, width, '  ');
  return fix === '' ? problem : `${problem}  ${paragraph(fix, width, '  ')}`;
}

export function enginesJson(engines: readonly EngineStatus[]): object[] {
  return engines.map(({ engine, isDefault, readiness, models }) => ({
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
