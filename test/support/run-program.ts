// Runs a program to its end.

export interface Ran {
  exitCode: number;
  out: string;
  err: string;
}

export interface ProgramOptions {
  cwd: string;
  env: Record<string, string>;
  timeoutMs?: number;
}

/** Without input; killed after `timeoutMs`. */
export function runProgram(argv: string[], options: ProgramOptions): Promise<Ran> {
  return startProgram(argv, options).ended;
}

/** The same, while it is running. */
export function startProgram(
  argv: string[],
  { cwd, env, timeoutMs }: ProgramOptions,
): { kill(signal: NodeJS.Signals): void; ended: Promise<Ran> } {
  const child = Bun.spawn(argv, { cwd, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const late = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const output = [new Response(child.stdout).text(), new Response(child.stderr).text()] as const;
  const ended = Promise.all([...output, child.exited]).then(([out, err, exitCode]) => {
    clearTimeout(late);
    return { exitCode, out, err };
  });
  return { kill: (signal) => child.kill(signal), ended };
}
