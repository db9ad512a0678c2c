// A login from a variable (`OPENAI_CODEX_AUTH`). A refresh token works once, so from the first refresh on codexd keeps
// the login in a file, one per value of the variable.

import { dirname, join } from 'node:path';
import { sha256 } from '../base/sha256.ts';
import { saveFile } from '../system/whole-file.ts';
import { writeFailure } from './locked-file.ts';
import { isRefreshDue, type Login, readLogin } from './login.ts';
import type { LoginFile } from './login-file.ts';
import { fileStamp, makePrivateDirectory, parseAuthFile } from './store.ts';

export interface VariableLoginOptions {
  /** Names the login in messages. */
  name: string;
  /** The content of the variable. */
  text: string;
  path: string;
  file: LoginFile;
  now: () => number;
}

/** The file for this content of the variable after its first refresh, next to codexd's own login. */
export function variableLoginPath(ownFile: string, text: string): string {
  const digest = sha256(text).slice(0, 16);
  return join(dirname(ownFile), `environment-${digest}.json`);
}

export class VariableLogin {
  #original: Login | undefined;

  constructor(private readonly options: VariableLoginOptions) {}

  /** The login in the variable, which may have been refreshed since. */
  original(): Login {
    const { name, text } = this.options;
    this.#original ??= readLogin(parseAuthFile(text, name), name);
    return this.#original;
  }

  read(): Login {
    return this.options.file.read() ?? this.original();
  }

  async ensureFresh(): Promise<Login> {
    const login = this.read();
    if (!this.#hasFile() && !isRefreshDue(login, this.options.now())) return login;
    return (await this.#ensureFile()).ensureFresh();
  }

  /** The file, created from the variable if it does not exist. */
  async #ensureFile(): Promise<LoginFile> {
    const { path, text, file } = this.options;
    if (this.#hasFile()) return file;
    try {
      makePrivateDirectory(dirname(path));
      await saveFile(path, text);
    } catch (thrown) {
      throw writeFailure('forbidden', path, thrown);
    }
    return file;
  }

  async recover(rejected: Parameters<LoginFile['recover']>[0]): Promise<Login> {
    return (await this.#ensureFile()).recover(rejected);
  }

  async forceRefresh(): Promise<Login> {
    return (await this.#ensureFile()).forceRefresh();
  }

  #hasFile(): boolean {
    return fileStamp(this.options.path) !== undefined;
  }
}
