// `serve --record DIR` and `serve --replay DIR`, as changes of the setup.
import { openForWriting, readRecordings } from '../recordings/directory.ts';
import { createPlayer } from '../recordings/player.ts';
import { Recorder } from '../recordings/recorder.ts';
import type { Setup } from './setup.ts';

export interface Recordings {
  apply<S extends Setup>(setup: S): S;
  /** Resolves once everything is written. */
  finish(): Promise<void>;
}

/** The upstream's responses are also written to the directory. */
export function recordTo(directory: string): Recordings {
  const write = openForWriting(directory);
  const recorders: Recorder[] = [];
  return {
    apply: (setup) => ({
      ...setup,
      wrapFetch: (fetch) => {
        const isSecret = (text: string) => setup.secrets.areIn(text);
        const recorder = new Recorder({ fetch, write, isSecret, log: setup.log });
        recorders.push(recorder);
        return recorder.fetch;
      },
    }),
    finish: async () => void (await Promise.all(recorders.map((recorder) => recorder.finish()))),
  };
}

/** Responses come from the directory. Needs no login and no network. */
export function replayFrom(directory: string): Recordings {
  const player = createPlayer(readRecordings(directory));
  const apply: Recordings['apply'] = (setup) => {
    const { upstream, auth, ledger } = setup.config;
    const config = {
      ...setup.config,
      // The catalogue in the cache belongs to its upstream.
      upstream: { ...upstream, baseUrl: 'https://replay.invalid/backend-api' },
      auth: { ...auth, bearer: 'replay' },
      ledger: { ...ledger, kind: ledger.kind === 'off' ? ('off' as const) : ('memory' as const) },
    };
    return { ...setup, config, wrapFetch: () => player };
  };
  return { apply, finish: async () => {} };
}
