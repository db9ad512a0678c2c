// Keeps credentials out of logs and errors: by their shape wherever they come from, and by value where codexd knows them.
// Texts of others come in any length and form, so they are cut first and every repeat in a pattern is bounded: the work
// grows with the length of the text and no faster.

/** Longer texts are cut: an error message is for reading. */
export const longestText = 16 * 1024;
const cutMark = '…';

/** What tokens look like: JWTs, ChatGPT refresh tokens, personal access tokens, API keys, and anything behind "Bearer". */
const secretPatterns = [
  /\beyJ[A-Za-z0-9_-]{8,16384}(?:\.[A-Za-z0-9_-]{0,16384}){0,2}/g,
  /\b(?:rt\.\d\.|rt_|at-|ois1\.|sk-|cdx_|ac_)[A-Za-z0-9._-]{8,16384}/g,
  /\b(Bearer)\s{1,64}[^\s"',;]{1,16384}/gi,
  // Whose account it is: ids and e-mail addresses. A local part has at most 64 characters (RFC 5321, 4.5.3.1).
  /\b(?:user|org)-[A-Za-z0-9]{8,256}\b/g,
  /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g,
];

/** `text` with everything that looks like a credential replaced by `[redacted]`, cut to `longestText`. */
export function redact(text: string): string {
  let out = text.length > longestText ? text.slice(0, longestText) + cutMark : text;
  for (const pattern of secretPatterns) {
    out = out.replace(pattern, (_, word: unknown) =>
      typeof word === 'string' ? `${word} [redacted]` : '[redacted]',
    );
  }
  return out;
}

export type Redact = (text: string) => string;

/** Shorter values are words that may occur anywhere. */
const shortestSecret = 8;
/** Logins are few; the tokens of a daemon that has run for months are many. */
const mostSecrets = 64;

/** The credentials in use and those used last: an opaque token or an account id is recognised by nothing but its value. */
export class KnownSecrets {
  readonly #values = new Set<string>();

  add(...secrets: readonly (string | null | undefined)[]): void {
    for (const secret of secrets) {
      if (!secret || secret.length < shortestSecret) continue;
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
        this.#values.delete(form);
        this.#values.add(form);
      }
    }
    for (const oldest of this.#values) {
      if (this.#values.size <= mostSecrets) break;
      this.#values.delete(oldest);
    }
  }

  /** Fits `redact`. Known values go first: no cut may leave a part of one. */
  readonly redact: Redact = (text) => {
    let out = text;
    for (const value of this.#values) out = withoutCutOff(out.replaceAll(value, '[redacted]'), value);
    return redact(out);
  };
}

/** A message quotes few cut texts. */
const mostCuts = 16;

/** `text` without the beginning of `secret` in front of a cut mark: a cut may have left only that. */
function withoutCutOff(text: string, secret: string): string {
  let out = text;
  let end = out.lastIndexOf(cutMark);
  for (let n = 0; n < mostCuts && end > 0; n++) {
    for (let length = Math.min(secret.length, end); length >= shortestSecret; length--) {
      if (!out.startsWith(secret.slice(0, length), end - length)) continue;
      out = `${out.slice(0, end - length)}[redacted]${out.slice(end)}`;
      break;
    }
    end = out.lastIndexOf(cutMark, end - 1);
  }
  return out;
}
