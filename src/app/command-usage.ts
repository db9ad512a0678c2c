// Counts in the ledger what `codexd ask` and `codexd transcribe` use, which need no daemon.
import type { TranscriberLike } from '../audio/transcriber.ts';
import { asFailure } from '../failure.ts';
import { silentLog } from '../log.ts';
import type { CallFacts } from '../turns/record.ts';
import { createLedger } from './ledger.ts';
import type { Setup } from './setup.ts';

export interface CommandUsage {
  note(facts: CallFacts): void;
  /** Writes what was noted. If it cannot be written, it is not counted: the command has done its work. */
  close(): void;
}

export function createCommandUsage(
  setup: Pick<Setup, 'config' | 'paths'>,
  command: 'ask' | 'transcribe',
): CommandUsage {
  const ledger = createLedger({ ...setup, log: silentLog });
  return {
    note(facts) {
      ledger?.observe({
        ...facts,
        ...{ requestId: command, clientRequestId: undefined, method: 'POST', path: '', status: 0 },
        ...{ api: undefined, endpoint: undefined, firstByteMs: undefined, receivedAtMs: 0, totalMs: 0 },
        caller: { name: 'command line', models: undefined },
        agent: `codexd-${command}`,
      });
    },
    close: () => ledger?.close(),
  };
}

/** The same transcriber, whose recordings are counted. */
export function countedTranscriber(transcriber: TranscriberLike, { note }: CommandUsage): TranscriberLike {
  return {
    async transcribe(path, request, options) {
      let modelUsed: string | undefined;
      try {
        const transcript = await transcriber.transcribe(path, request, {
          ...options,
          onProgress: (progress) => {
            if (progress.state === 'chosen') modelUsed = `${progress.engine}:${progress.model}`;
            options.onProgress?.(progress);
          },
        });
        const { engine, model, durationS } = transcript;
        note({ modelUsed: `${engine}:${model}`, audioSeconds: durationS });
        return transcript;
      } catch (thrown) {
        const { kind, code } = asFailure(thrown);
        note({ modelUsed, failure: { kind, code } });
        throw thrown;
      }
    },
  };
}
