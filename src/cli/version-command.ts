// `codexd version`. Alone on the command line, it and `--version` are handled by main.ts before anything is loaded.
import { commit, version } from '../version.ts';
import { command } from './command.ts';

export default command({
  run: ({ terminal, json }) => {
    terminal.stdout.write(
      json ? `${JSON.stringify({ version, commit })}\n` : `codexd ${version} (${commit})\n`,
    );
  },
});
