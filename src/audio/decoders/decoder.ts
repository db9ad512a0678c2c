// What the wasm decoders have in common. They run on this thread, a block at a time.

/** Takes packets as a container holds them; gives a plane per channel, empty while it has none. */
export interface PacketDecoder {
  /** Hz */
  rate: number;
  decode(packets: Uint8Array[]): Float32Array[];
  close(): void;
}

/** Takes a whole file in pieces. */
export interface FileDecoder {
  decode(piece: Uint8Array): Promise<Decoded>;
  end(): Promise<Decoded>;
  close(): void;
}

export interface Decoded {
  /** Hz; 0 while nothing came out. */
  rate: number;
  planes: Float32Array[];
}

export interface DecodedAudio {
  channelData: Float32Array[];
  samplesDecoded: number;
  sampleRate: number;
}

export function decodedOf({ channelData, samplesDecoded, sampleRate }: DecodedAudio): Decoded {
  if (samplesDecoded === 0) return { rate: 0, planes: [] };
  return { rate: sampleRate, planes: channelData };
}

/** The packages tell the console of every damaged packet; the daemon's log is not theirs. */
export function quietly<T>(work: () => T): T {
  const say = console.error;
  console.error = () => {};
  try {
    return work();
  } finally {
    console.error = say;
  }
}
