// The thread that decodes one long SILK recording, so that the daemon's streams go on meanwhile.
import { readFileSync } from 'node:fs';
import { asFailure, type Failure } from '../../failure.ts';
import { readSilk } from './container.ts';
import type { SilkRate } from './decode.ts';
import { writeSilkAsWav } from './write-wav.ts';

declare const self: Worker;

export interface SilkJob {
  module: WebAssembly.Module;
  /** Of a SILK file. */
  path: string;
  /** There already. */
  out: string;
  rate: SilkRate;
}

export interface Written {
  durationS: number;
  /** The recording was cut off inside its last packet; the samples end before it. */
  truncated: boolean;
}

/** Of a Failure only its fields come through. */
export type SilkReply =
  | Written
  | { failure: Pick<Failure, 'kind' | 'message' | 'code' | 'param' | 'advice'> };

self.onmessage = ({ data }: MessageEvent<SilkJob>) => {
  self.postMessage(replyTo(data));
};

function replyTo({ module, path, out, rate }: SilkJob): SilkReply {
  try {
    const file = readSilk(readFileSync(path));
    return { ...writeSilkAsWav(module, file, rate, out), truncated: file.truncated };
  } catch (thrown) {
    const { kind, message, code, param, advice } = asFailure(thrown);
    return { failure: { kind, message, code, param, advice } };
  }
}
