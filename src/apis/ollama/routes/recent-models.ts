// Which models Ollama's clients may take for loaded: those that its routes used in the last minutes (docs/wire/ollama.md#ps).
// Nothing is loaded here; it is what the green dot of a client stands for.

/** Ollama's own default of `keep_alive`. */
const keptMs = 5 * 60_000;

export class RecentModels {
  /** By slug; there are no more than the catalogue has. */
  readonly #untilMs = new Map<string, number>();

  constructor(private readonly nowMs: () => number) {}

  use(slug: string): void {
    this.#untilMs.set(slug, this.nowMs() + keptMs);
  }

  unload(slug: string): void {
    this.#untilMs.delete(slug);
  }

  /** When the model stops being loaded; undefined when it is not. */
  expiryMs(slug: string): number | undefined {
    const untilMs = this.#untilMs.get(slug);
    return untilMs !== undefined && untilMs > this.nowMs() ? untilMs : undefined;
  }
}
