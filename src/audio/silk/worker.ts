// The thread that decodes one long SILK recording, so that the daemon's streams go on meanwhile (reference/asr.md 9, trap 27).
import { asFailure, type Failure } from '../../failure.ts';
import { readSilk } from './container.ts';
import { decodePackets, type SilkRate } from './wasm.ts';

declare const self: Worker;

export interface SilkJob {
  /** A SILK file. */
  bytes: Uint8Array;
  rate: SilkRate;
}

/** Of a Failure only its fields come through. */
export type SilkReply =
  | { samples: Int16Array }
  | { failure: Pick<Failure, 'kind' | 'message' | 'code' | 'param' | 'next'> };

self.onmessage = async ({ data }: MessageEvent<SilkJob>) => {
  try {
    const samples = await decodePackets(readSilk(data.bytes).packets, data.rate);
    reply({ samples }, [samples.buffer as ArrayBuffer]);
  } catch (thrown) {
    const { kind, message, code, param, next } = asFailure(thrown);
    reply({ failure: { kind, message, code, param, next } });
  }
};

function reply(message: SilkReply, transfer: Bun.Transferable[] = []): void {
  self.postMessage(message, transfer);
}
