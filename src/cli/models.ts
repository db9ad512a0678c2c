// `codexd models`: a place holder until the command is written.
import { Failure } from '../failure.ts';
import { command } from './command.ts';

export default command({
  run: () => {
    throw new Failure('not_found', 'codexd models is not written yet.', { code: 'unsupported_command' });
  },
});
