// `codexd health`: whether a daemon responds on every configured address. Made for the health checks of containers, whose images
// have no curl.
import { load } from '../config/load.ts';
import { command } from './command.ts';
import { probeDaemon } from './daemon-probe.ts';
import { loadOptions } from './session.ts';

export default command({
  settings: ['server.listen'],
  examples: ['codexd health', 'codexd health --listen unix:/run/codexd/codexd.sock'],
  run: async (call) => {
    const { config } = load(loadOptions(call));
    const daemons = await Promise.all(config.server.listen.map((address) => probeDaemon(address, fetch)));
    const lines = daemons.map(
      ({ address, listening }) => `${listening ? 'healthy' : 'not responding'}: ${address}\n`,
    );
    call.terminal.stdout.write(call.json ? `${JSON.stringify({ daemons })}\n` : lines.join(''));
    return daemons.every(({ listening }) => listening) ? 0 : 1;
  },
});
