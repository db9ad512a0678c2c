// The worker thread that decodes one long SILK recording, so that the daemon's streams continue meanwhile.
import { readFileSync } from 'node:fs';
import { asFailure, type Failure } from '../../failure.ts';
import { readSilk } from './container.ts';
import type { SilkRate } from './decode.ts';
import { writeSilkAsWav } from './write-wav.ts';

declare const self: Worker;

export interface SilkJob {
  module: WebAssembly.Module;
  /** The SILK file. */
  path: string;
  /** The WAV file, which must exist. */
  out: string;
  rate: SilkRate;
}

export interface SilkResult {
  durationS: number;
  /** The recording ends inside its last packet; the samples end before it. */
  truncated: boolean;
}

/** A Failure is sent as its fields: postMessage does not keep its class. */
export type SilkReply =
  | SilkResult
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
