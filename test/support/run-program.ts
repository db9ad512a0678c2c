// Runs a program to its end.

export interface Ran {
  exitCode: number;
  out: string;
  err: string;
}

/** Without input; killed after `timeoutMs`. */
export async function runProgram(
  argv: string[],
  { cwd, env, timeoutMs }: { cwd: string; env: Record<string, string>; timeoutMs?: number },
): Promise<Ran> {
  const child = Bun.spawn(argv, { cwd, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const late = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const [out, err, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  clearTimeout(late);
  return { exitCode, out, err };
}
