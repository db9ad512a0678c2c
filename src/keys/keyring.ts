// Finds the key that a caller sent among the configured and the issued ones. Reads both again when their files change, so
// that a removed key stops working while the daemon runs.
import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../base/sha256.ts';
import { asFailure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { ApiKey } from './api-key.ts';
import { fileVersion } from './issued-keys.ts';

export interface Keyring {
  /** Whether callers must send a key. */
  readonly isRequired: boolean;
  /** Compares in constant time. */
  find(text: string): ApiKey | undefined;
}

export function createKeyring(keys: readonly ApiKey[]): Keyring {
  const known = keys.map((key) => ({ key, digest: Buffer.from(key.sha256, 'hex') }));
  return {
    isRequired: keys.length > 0,
    find(text) {
      if (known.length === 0) return undefined;
      const digest = Buffer.from(sha256(text), 'hex');
      return known.find((each) => timingSafeEqual(each.digest, digest))?.key;
    },
  };
}

export interface LiveKeyringOptions {
  /** Read again when one of the files changes. Callers need one of these keys. */
  configured: () => readonly ApiKey[];
  /** Valid keys that do not by themselves make keys required. */
  issued: () => readonly ApiKey[];
  files: readonly string[];
  log: Log;
  nowMs: () => number;
  uptimeMs: () => number;
}

/** How long a change of the files may go unnoticed: looking costs about 10 µs. */
const checkMs = 100;

export class LiveKeyring implements Keyring {
  #configured: Keyring;
  #issued: Keyring;
  #isRequired: boolean;
  #versions: string;
  #checkedAtMs: number;

  constructor(private readonly options: LiveKeyringOptions) {
    this.#versions = this.#currentVersions();
    this.#checkedAtMs = options.uptimeMs();
    this.#configured = createKeyring(options.configured());
    this.#issued = createKeyring(this.#issuedKeys());
    this.#isRequired = this.#configured.isRequired;
  }

  /** A daemon that required keys still does when the last one is removed: nobody wants to open it by removing a key. */
  get isRequired(): boolean {
    this.#refresh();
    return this.#isRequired;
  }

  find(text: string): ApiKey | undefined {
    this.#refresh();
    return this.#findNow(text) ?? this.#findAgain(text);
  }

  #findNow(text: string): ApiKey | undefined {
    const issued = this.#issued.find(text);
    const isExpired = issued?.expiresAtMs !== undefined && issued.expiresAtMs <= this.options.nowMs();
    return this.#configured.find(text) ?? (isExpired ? undefined : issued);
  }

  /** A program may use its key as soon as it has it. */
  #findAgain(text: string): ApiKey | undefined {
    this.#refresh(0);
    return this.#findNow(text);
  }

  #refresh(afterMs = checkMs): void {
    const { configured, log, uptimeMs } = this.options;
    const now = uptimeMs();
    if (now - this.#checkedAtMs < afterMs) return;
    this.#checkedAtMs = now;
    const versions = this.#currentVersions();
    if (versions === this.#versions) return;
    this.#versions = versions;
    try {
      this.#configured = createKeyring(configured());
      this.#isRequired ||= this.#configured.isRequired;
    } catch (thrown) {
      const { message, advice } = asFailure(thrown);
      log.error('could not reload the API keys; keeping the old ones', { why: message, next: advice });
    }
    this.#issued = createKeyring(this.#issuedKeys());
  }

  /** A damaged file must not keep revoked keys alive. */
  #issuedKeys(): readonly ApiKey[] {
    try {
      return this.options.issued();
    } catch (thrown) {
      const { message, advice } = asFailure(thrown);
      this.options.log.error('issued keys are not accepted', { why: message, next: advice });
      return [];
    }
  }

  #currentVersions(): string {
    return this.options.files.map(fileVersion).join('\n');
  }
}
