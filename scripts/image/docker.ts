import { buildArguments, type Engine, type ImageConfig, output } from './engine.ts';

const tag = 'codexd:check';

export const dockerEngine: Engine = {
  name: 'docker',
  build(context, buildArgs) {
    output(['docker', 'build', '--tag', tag, ...buildArguments(buildArgs), context]);
    const [{ Config }] = JSON.parse(output(['docker', 'image', 'inspect', tag])) as [{ Config: ImageConfig }];
    return {
      config: Config,
      command: ([program = '', ...args], env) => [
        ...['docker', 'run', '--rm', '--read-only', '--tmpfs', '/tmp', '--network', 'host'],
        ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
        ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
        ...['--entrypoint', program, tag, ...args],
      ],
      remove: () => void output(['docker', 'image', 'rm', '--force', tag]),
    };
  },
};
