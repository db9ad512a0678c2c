// A login from a variable (`OPENAI_CODEX_AUTH`). A refresh spends its refresh token, so that from the first one on the login
// is a file of codexd's own: one for each content of the variable.
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { saveFile } from '../system/whole-file.ts';
import { cannotWrite } from './locked-file.ts';
import { isDue, type Login, readLogin } from './login.ts';
import type { LoginFile } from './login-file.ts';
import { makePrivateDirectory, parseAuthFile, stampOf } from './store.ts';

export interface VariableLoginOptions {
  /** What it is called in messages. */
  name: string;
  /** The content of the variable. */
  text: string;
  path: string;
  file: LoginFile;
  now: () => number;
}

/** Where the login of this content is kept once it was refreshed, beside codexd's own. */
export function variableLoginPath(ownFile: string, text: string): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return join(dirname(ownFile), `environment-${digest}.json`);
}

export class VariableLogin {
  #parsed: Login | undefined;

  constructor(private readonly options: VariableLoginOptions) {}

  /** What the variable says, whatever has become of it. */
  parsed(): Login {
    const { name, text } = this.options;
    this.#parsed ??= readLogin(parseAuthFile(text, name), name);
    return this.#parsed;
  }

  read(): Login {
    return this.options.file.read() ?? this.parsed();
  }

  async fresh(): Promise<Login> {
    const login = this.read();
    if (!this.#isKept() && !isDue(login, this.options.now())) return login;
    return (await this.#kept()).fresh();
  }

  /** The file, made from the variable when there is none yet. */
  async #kept(): Promise<LoginFile> {
    const { path, text, file } = this.options;
    if (this.#isKept()) return file;
    try {
      makePrivateDirectory(dirname(path));
      await saveFile(path, text);
    } catch (thrown) {
      throw cannotWrite('forbidden', path, thrown);
    }
    return file;
  }

  async replace(refused: Parameters<LoginFile['replace']>[0]): Promise<Login> {
    return (await this.#kept()).replace(refused);
  }

  async force(): Promise<Login> {
    return (await this.#kept()).force();
  }

  #isKept(): boolean {
    return stampOf(this.options.path) !== undefined;
  }
}
