// The Python SDKs in the documents: installed from PyPI once, in a virtual environment that is not part of the project.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyHome } from '../cli/process.ts';
import { installFromPip, succeeds } from '../support/install.ts';
import { type Ran, runProgram } from '../support/run-program.ts';

/** The interpreter with `openai` and `litellm`, or the reason why it is missing. */
export function installPythonSdks(): { path: string } | { why: string } {
  const path = installFromPip('python-sdks', ['openai', 'litellm']);
  if (path === undefined) {
    return { why: 'PyPI cannot be reached, or openai and litellm cannot be installed' };
  }
  const found =
    'import importlib.util as u, sys; sys.exit(not (u.find_spec("openai") and u.find_spec("litellm")))';
  return succeeds([path, '-c', found]) ? { path } : { why: 'openai and litellm do not run on this machine' };
}

/** Runs a program as printed in the document. */
export async function runPython(
  path: string,
  source: string,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): Promise<Ran> {
  const home = emptyHome();
  const file = join(home, 'program.py');
  writeFileSync(file, source);
  return runProgram([path, file, ...args], {
    cwd: home,
    env: { PATH: process.env.PATH ?? '', HOME: home, LITELLM_LOCAL_MODEL_COST_MAP: 'True', ...env },
  });
}
