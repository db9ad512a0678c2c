// Creates the engines: first those of the configuration in their order, then the built-in ones with default settings.
import { commandKind } from './command.ts';
import type { Engine } from './engine.ts';
import { openai } from './openai.ts';
import { parakeetMlx } from './parakeet-mlx.ts';
import { pocketsphinx } from './pocketsphinx.ts';
import { hideModelPath } from './private-paths.ts';
import { programEngine } from './program-engine.ts';
import type { ProgramKind } from './program-kind.ts';
import { kyutaiMlx, lightningWhisperMlx } from './python-code.ts';
import type { EngineContext, EngineKind, EngineOptions, EngineSettings } from './settings.ts';
import { sherpaOnnx } from './sherpa-onnx.ts';
import { whisperCpp } from './whisper-cpp.ts';
import { fasterWhisper, mlxWhisper, whisper } from './whisper-python.ts';
import { whisperServer } from './whisper-server.ts';

/** In order of preference: a bare model name such as `base.en` selects the first of these that has it. */
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

/** Available without a table in the configuration, unlike `command`. */
const builtIn: EngineKind[] = [...programs.map(({ kind }) => kind), 'whisper-server', 'openai'];

/** The values of `kind` in a table. */
export const engineKinds: readonly EngineKind[] = [...builtIn, 'command'];

export function createEngines(
  settings: readonly EngineSettings[],
  options: EngineOptions,
  context: EngineContext,
): Engine[] {
  const ids = new Set(settings.map(({ id }) => id));
  const others = builtIn.filter((kind) => !ids.has(kind)).map((kind) => ({ id: kind, kind }));
  return [...settings, ...others].map((one) => hideModelPath(createEngine(one, options, context)));
}

function createEngine(settings: EngineSettings, options: EngineOptions, context: EngineContext): Engine {
  if (settings.kind === 'whisper-server') return whisperServer(settings, options, context);
  if (settings.kind === 'openai') return openai(settings, options, context);
  const program = programs.find(({ kind }) => kind === settings.kind) ?? commandKind(settings);
  return programEngine(program, settings, options, context);
}
