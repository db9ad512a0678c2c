// What builds and runs images: Docker, or buildah where no engine runs.

export interface ImageConfig {
  User: string;
  Env: string[];
  Entrypoint: string[];
  Cmd: string[];
  Healthcheck: { Test: string[] };
  Labels: Record<string, string>;
}

export interface Image {
  config: ImageConfig;
  /** A command that runs `argv` in a container of its own: read-only root, writable /tmp and state, the host's network. */
  command(argv: readonly string[], env: Readonly<Record<string, string>>): string[];
  remove(): void;
}

export interface Engine {
  name: string;
  build(context: string, buildArgs: Readonly<Record<string, string>>): Image;
}

/** Runs a command and returns its output; throws if it fails. Its errors are shown. */
export function output(command: readonly string[]): string {
  const { exitCode, stdout } = Bun.spawnSync([...command], { stderr: 'inherit' });
  if (exitCode !== 0) throw new Error(`exit status ${exitCode}: ${command.join(' ')}`);
  return stdout.toString().trim();
}

export function buildArguments(buildArgs: Readonly<Record<string, string>>): string[] {
  return Object.entries(buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
}
