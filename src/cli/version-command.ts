// `codexd version`. Alone on the command line, it and `--version` are handled by main.ts before anything is loaded.
import { versionText } from '../version.ts';
import { command } from './command.ts';

export default command({
  run: ({ terminal, json }) => {
    terminal.stdout.write(versionText(json));
  },
});
