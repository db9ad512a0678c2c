// The Python SDKs that the documents use: installed from PyPI once, in a virtual environment that is not part of the project.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyHome } from '../cli/process.ts';

const tools = join(import.meta.dir, '../../.tools/python-sdks');
const program = join(tools, 'bin/python');

/** The interpreter with `openai` and `litellm`, or the reason why there is none. */
export function installedPython(): { path: string } | { why: string } {
  if (!existsSync(program)) {
    mkdirSync(tools, { recursive: true });
    if (!ran(['python3', '-m', 'venv', tools])) return { why: 'python3 cannot make a virtual environment' };
  }
  if (hasSdks()) return { path: program };
  const flags = ['-q', '--disable-pip-version-check', '--timeout', '10', '--retries', '1'];
  if (!ran([program, '-m', 'pip', 'install', ...flags, 'openai', 'litellm'])) {
    return { why: 'PyPI cannot be reached, or openai and litellm cannot be installed' };
  }
  return hasSdks() ? { path: program } : { why: 'openai and litellm do not run on this machine' };
}

function hasSdks(): boolean {
  const found =
    'import importlib.util as u, sys; sys.exit(not (u.find_spec("openai") and u.find_spec("litellm")))';
  return ran([program, '-c', found]);
}

function ran(command: string[]): boolean {
  try {
    return Bun.spawnSync(command, { stdout: 'ignore', stderr: 'ignore' }).success;
  } catch {
    return false;
  }
}

export interface PythonRun {
  exitCode: number;
  out: string;
  err: string;
}

/** Runs a program as the document prints it. */
export async function runPython(
  path: string,
  source: string,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): Promise<PythonRun> {
  const home = emptyHome();
  const file = join(home, 'program.py');
  writeFileSync(file, source);
  const child = Bun.spawn([path, file, ...args], {
    cwd: home,
    env: { PATH: process.env.PATH ?? '', HOME: home, LITELLM_LOCAL_MODEL_COST_MAP: 'True', ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, out, err };
}
