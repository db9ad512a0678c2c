// The interface of the wasm decoders, which run on the calling thread, a block at a time.

/** Decodes packets of a container; returns a plane per channel, or none while there is no output. */
export interface PacketDecoder {
  /** Hz */
  rate: number;
  decode(packets: Uint8Array[]): Float32Array[];
  close(): void;
}

/** Decodes a whole file chunk by chunk. */
export interface FileDecoder {
  decode(chunk: Uint8Array): Promise<Decoded>;
  end(): Promise<Decoded>;
  close(): void;
}

export interface Decoded {
  /** Hz; 0 while there is no output. */
  rate: number;
  planes: Float32Array[];
}

export interface DecodedAudio {
  channelData: Float32Array[];
  samplesDecoded: number;
  sampleRate: number;
}

export function toDecoded({ channelData, samplesDecoded, sampleRate }: DecodedAudio): Decoded {
  if (samplesDecoded === 0) return { rate: 0, planes: [] };
  return { rate: sampleRate, planes: channelData };
}

/** Silences the packages, which print every damaged packet to the console. */
export function withoutConsoleErrors<T>(work: () => T): T {
  const original = console.error;
  console.error = () => {};
  try {
    return work();
  } finally {
    console.error = original;
  }
}
