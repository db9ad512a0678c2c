// Keeps credentials out of logs and errors: by shape, and by value for those that codexd knows. Foreign texts have any length
// and form, so they are cut first and every repetition in a pattern is bounded: the time is linear in the length.

/** Longer texts are cut. */
export const maxTextLength = 16 * 1024;
const cutMark = '…';

/** The shapes of JWTs, ChatGPT refresh tokens, personal access tokens and API keys, and anything after "Bearer". */
const secretPatterns = [
  /\beyJ[A-Za-z0-9_-]{8,16384}(?:\.[A-Za-z0-9_-]{0,16384}){0,2}/g,
  /\b(?:rt\.\d\.|rt_|at-|ois1\.|sk-|cdx_|ac_)[A-Za-z0-9._-]{8,16384}/g,
  /\b(Bearer)\s{1,64}[^\s"',;]{1,16384}/gi,
  // Account IDs and e-mail addresses. A local part has at most 64 characters (RFC 5321, 4.5.3.1).
  /\b(?:user|org)-[A-Za-z0-9]{8,256}\b/g,
  /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g,
];

/** `text` with everything that looks like a credential replaced by `[redacted]`, cut to `maxTextLength`. */
export function redact(text: string): string {
  let out = text.length > maxTextLength ? text.slice(0, maxTextLength) + cutMark : text;
  for (const pattern of secretPatterns) {
    out = out.replace(pattern, (_, scheme: unknown) =>
      typeof scheme === 'string' ? `${scheme} [redacted]` : '[redacted]',
    );
  }
  return out;
}

export type Redact = (text: string) => string;

/** Shorter values might be ordinary words, so they are not redacted. */
const minSecretLength = 8;
/** A daemon that runs for months sees many tokens; only the latest are kept. */
const maxSecrets = 64;

/** Redacts the most recent credentials by value, because opaque tokens and account IDs have no recognisable shape. */
export class KnownSecrets {
  readonly #values = new Set<string>();

  add(...secrets: readonly (string | null | undefined)[]): void {
    for (const secret of secrets) {
      if (!secret || secret.length < minSecretLength) continue;
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
        this.#values.delete(form);
        this.#values.add(form);
      }
    }
    for (const oldest of this.#values) {
      if (this.#values.size <= maxSecrets) break;
      this.#values.delete(oldest);
    }
  }

  /** Whether the text contains any of the values. */
  areIn(text: string): boolean {
    return [...this.#values].some((value) => text.includes(value));
  }

  /** Known values are replaced before the text is cut, so that no part of one is left. */
  readonly redact: Redact = (text) => {
    const isCut = text.includes(cutMark);
    let out = text;
    for (const value of this.#values) {
      if (value.length <= text.length) out = out.replaceAll(value, '[redacted]');
      if (isCut) out = redactTruncated(out, value);
    }
    return redact(out);
  };
}

/** A message quotes few cut texts. */
const maxCuts = 16;

/** Redacts a beginning of `secret` before a cut mark, where a cut may have removed the rest. */
function redactTruncated(text: string, secret: string): string {
  let out = text;
  let end = out.lastIndexOf(cutMark);
  for (let n = 0; n < maxCuts && end > 0; n++) {
    for (let length = Math.min(secret.length, end); length >= minSecretLength; length--) {
      if (!out.startsWith(secret.slice(0, length), end - length)) continue;
      out = `${out.slice(0, end - length)}[redacted]${out.slice(end)}`;
      break;
    }
    end = out.lastIndexOf(cutMark, end - 1);
  }
  return out;
}
