// The engines of this machine: those the settings describe, in their order, then the others as they come.
import { commandKind } from './command.ts';
import type { Engine } from './engine.ts';
import { openai } from './openai.ts';
import { parakeetMlx } from './parakeet-mlx.ts';
import { pocketsphinx } from './pocketsphinx.ts';
import { withoutPaths } from './private-paths.ts';
import { programEngine } from './program-engine.ts';
import type { ProgramKind } from './program-kind.ts';
import { kyutaiMlx, lightningWhisperMlx } from './python-code.ts';
import type { EngineOptions, EngineSettings, Surroundings } from './settings.ts';
import { sherpaOnnx } from './sherpa-onnx.ts';
import { whisperCpp } from './whisper-cpp.ts';
import { fasterWhisper, mlxWhisper, whisper } from './whisper-python.ts';
import { whisperServer } from './whisper-server.ts';

/** A bare model name such as `base.en` means the first of these that knows it. */
const programs: readonly ProgramKind[] = [
  whisperCpp,
  fasterWhisper,
  mlxWhisper,
  parakeetMlx,
  lightningWhisperMlx,
  kyutaiMlx,
  pocketsphinx,
  whisper,
  sherpaOnnx,
];

/** There without a table; `command` is nothing without one. */
const builtIn = [...programs.map(({ kind }) => kind), 'whisper-server', 'openai'];

/** What `kind` in a table may be. */
export const engineKinds: readonly string[] = [...builtIn, 'command'];

export function createEngines(
  settings: readonly EngineSettings[],
  options: EngineOptions,
  surroundings: Surroundings,
): Engine[] {
  const ids = new Set(settings.map(({ id }) => id));
  const others = builtIn.filter((kind) => !ids.has(kind)).map((kind) => ({ id: kind, kind }));
  return [...settings, ...others].map((one) => withoutPaths(createEngine(one, options, surroundings)));
}

function createEngine(settings: EngineSettings, options: EngineOptions, surroundings: Surroundings): Engine {
  if (settings.kind === 'whisper-server') return whisperServer(settings, options, surroundings);
  if (settings.kind === 'openai') return openai(settings, options, surroundings);
  const program = programs.find(({ kind }) => kind === settings.kind) ?? commandKind(settings);
  return programEngine(program, settings, options, surroundings);
}
