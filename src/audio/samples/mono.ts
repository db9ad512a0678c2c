// Mixes channels to mono by averaging, window by window. If channels in opposite phase cancel each other out, the loudest one
// is used instead.

const windowFrames = 8192;
/** The mix counts as cancelled below this share of the loudest channel's energy: 20 dB. */
const cancelledShare = 0.01;

export class MonoMixer {
  /** Input of the current, incomplete window. */
  #planes: Float32Array[];
  #filled = 0;
  /** Energy of each channel so far. A cumulative measure does not alternate between two inverted channels. */
  #energies: number[];

  constructor(channels: number) {
    this.#planes = Array.from({ length: channels }, () => new Float32Array(windowFrames));
    this.#energies = new Array<number>(channels).fill(0);
  }

  push(planes: readonly Float32Array[]): Float32Array {
    if (planes.length === 1) return planes[0] as Float32Array;
    const length = planes[0]?.length ?? 0;
    const out = new Float32Array(Math.floor((this.#filled + length) / windowFrames) * windowFrames);
    for (let from = 0, written = 0; from < length; ) {
      const take = Math.min(windowFrames - this.#filled, length - from);
      this.#planes.forEach((plane, channel) => {
        plane.set((planes[channel] as Float32Array).subarray(from, from + take), this.#filled);
      });
      this.#filled += take;
      from += take;
      if (this.#filled < windowFrames) break;
      out.set(this.flush(), written);
      written += windowFrames;
    }
    return out;
  }

  /** Mixes the incomplete window. */
  flush(): Float32Array {
    const planes = this.#planes.map((plane) => plane.subarray(0, this.#filled));
    this.#filled = 0;
    const mix = mean(planes);
    const energies = planes.map(energyOf);
    energies.forEach((energy, channel) => {
      this.#energies[channel] = (this.#energies[channel] ?? 0) + energy;
    });
    if (energyOf(mix) >= cancelledShare * Math.max(...energies)) return mix;
    const loudest = this.#energies.indexOf(Math.max(...this.#energies));
    return (planes[loudest] as Float32Array).slice();
  }
}

function mean(planes: readonly Float32Array[]): Float32Array {
  const mix = new Float32Array(planes[0]?.length ?? 0);
  for (const plane of planes) for (let at = 0; at < mix.length; at++) mix[at]! += plane[at]! / planes.length;
  return mix;
}

function energyOf(plane: Float32Array): number {
  let energy = 0;
  for (let at = 0; at < plane.length; at++) energy += plane[at]! * plane[at]!;
  return energy;
}
