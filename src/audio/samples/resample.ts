// From one sample rate to another by a windowed sinc: 32 taps at the lower rate, cut off at its half.
// Linear interpolation would fold what is above it into the speech.

/** On each side, at the lower of the two rates. */
const lobes = 16;
/** Frames of input that are kept at most before they are moved to the front. */
const roomFrames = 65_536;
/** Rates without a common divisor have as many phases as the new rate: so many of them are told apart. */
const mostFilters = 1024;

export class Resampler {
  readonly #step: number;
  readonly #phases: number;
  readonly #half: number;
  /** Evenly spread over the phases, each `2 * half` taps long. */
  readonly #taps: Float64Array[];
  /** Input from the frame numbered `#base` on, which is negative at first: silence precedes the recording. */
  #buffer: Float64Array;
  #base: number;
  #filled: number;
  #received = 0;
  #produced = 0;

  constructor(
    private readonly from: number,
    private readonly to: number,
  ) {
    const divisor = gcd(from, to);
    this.#step = from / divisor;
    this.#phases = to / divisor;
    const stretch = Math.max(1, from / to);
    this.#half = Math.ceil((lobes * stretch) / 2) * 2; // so that `dot` has taps by fours
    const filters = Math.min(this.#phases, Math.ceil(mostFilters / stretch));
    this.#taps = Array.from({ length: filters }, (_, index) => filter(index / filters, this.#half, stretch));
    this.#buffer = new Float64Array(roomFrames + 2 * this.#half);
    this.#base = -this.#half;
    this.#filled = this.#half;
  }

  push(input: Float32Array): Float32Array {
    this.#received += input.length;
    return this.#feed(input, Number.POSITIVE_INFINITY);
  }

  /** The rest; the whole is then as long as the input, to the nearest sample. */
  flush(): Float32Array {
    const wanted = Math.round((this.#received * this.to) / this.from);
    return this.#feed(new Float32Array(this.#half + Math.ceil(this.from / this.to) + 1), wanted);
  }

  #feed(input: Float32Array, limit: number): Float32Array {
    const pieces: Float32Array[] = [];
    for (let at = 0; at < input.length; ) {
      const take = Math.min(input.length - at, this.#buffer.length - this.#filled);
      this.#buffer.set(input.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
      pieces.push(this.#drain(limit));
    }
    return joined(pieces);
  }

  /** All samples whose surroundings are there. */
  #drain(limit: number): Float32Array {
    const end = this.#base + this.#filled - this.#half;
    const ready = Math.max(0, Math.floor((end * this.#phases - 1) / this.#step) + 1);
    const count = Math.max(0, Math.min(ready, limit) - this.#produced);
    const out = new Float32Array(count);
    const buffer = this.#buffer;
    const place = this.#produced * this.#step;
    let centre = Math.floor(place / this.#phases);
    let phase = place - centre * this.#phases;
    for (let index = 0; index < count; index++) {
      const taps = this.#taps[Math.floor((phase * this.#taps.length) / this.#phases)]!;
      const first = centre - this.#half + 1 - this.#base;
      out[index] = dot(taps, buffer, first);
      for (phase += this.#step; phase >= this.#phases; phase -= this.#phases) centre++;
    }
    this.#produced += count;
    this.#forget();
    return out;
  }

  #forget(): void {
    const next = Math.floor((this.#produced * this.#step) / this.#phases) - this.#half + 1;
    const gone = Math.min(this.#filled, Math.max(0, next - this.#base));
    this.#buffer.copyWithin(0, gone, this.#filled);
    this.#base += gone;
    this.#filled -= gone;
  }
}

/** Four sums side by side: the processor need not wait for one addition to begin the next (about 1.3 times as fast). */
function dot(taps: Float64Array, buffer: Float64Array, from: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let tap = 0, at = from; tap < taps.length; tap += 4, at += 4) {
    a += taps[tap]! * buffer[at]!;
    b += taps[tap + 1]! * buffer[at + 1]!;
    c += taps[tap + 2]! * buffer[at + 2]!;
    d += taps[tap + 3]! * buffer[at + 3]!;
  }
  return a + b + c + d;
}

/** Taps for a place `phase` of a frame behind the middle, Blackman's window around them, together 1. */
function filter(phase: number, half: number, stretch: number): Float64Array {
  const taps = Float64Array.from({ length: 2 * half }, (_, tap) => {
    const x = (tap - half + 1 - phase) / stretch;
    const w = (x * stretch) / half;
    if (Math.abs(w) >= 1) return 0;
    const window = 0.42 + 0.5 * Math.cos(Math.PI * w) + 0.08 * Math.cos(2 * Math.PI * w);
    return (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * window;
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  if (pieces.length === 1) return pieces[0] as Float32Array;
  const out = new Float32Array(pieces.reduce((total, piece) => total + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
