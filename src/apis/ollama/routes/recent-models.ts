// The models shown to Ollama's clients as loaded: those used by its routes in the last minutes (docs/wire/ollama.md#ps). Clients
// mark them, for example with a green dot.

/** Ollama's own default of `keep_alive`. */
const keptMs = 5 * 60_000;

export class RecentModels {
  /** By slug. */
  readonly #untilMs = new Map<string, number>();

  constructor(private readonly nowMs: () => number) {}

  use(slug: string): void {
    this.#untilMs.set(slug, this.nowMs() + keptMs);
  }

  unload(slug: string): void {
    this.#untilMs.delete(slug);
  }

  /** When the model stops counting as loaded; undefined if it does not. */
  expiryMs(slug: string): number | undefined {
    const untilMs = this.#untilMs.get(slug);
    return untilMs !== undefined && untilMs > this.nowMs() ? untilMs : undefined;
  }
}
