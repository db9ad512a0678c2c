// Tool names the upstream refuses, and the way back to the client's own (MCP tool names are often longer
// than 64 characters or have dots in them; docs/wire/openai.md#chat-tools, docs/wire/anthropic.md#tool-names).
import { Failure } from '../failure.ts';

const legal = /^[A-Za-z0-9_-]{1,64}$/;

/** The name as the upstream takes it: a pure function, so that every turn of a conversation uses the same one. */
function upstreamToolName(name: string): string {
  if (legal.test(name)) return name;
  return `${name.slice(0, 55).replace(/[^A-Za-z0-9_-]/g, '_')}_${sha256(name).slice(0, 8)}`;
}

/** The tool names of one request. Names that are mentioned only in history are remembered too. */
export class ToolNames {
  readonly #originals = new Map<string, string>();

  /** The upstream's name for the client's `name`; a 400 for `param` when two names would become one. */
  upstream(name: string, param: string): string {
    const short = upstreamToolName(name);
    const taken = this.#originals.get(short);
    if (taken !== undefined && taken !== name) {
      throw new Failure(
        'invalid_request',
        `The tool names \`${taken}\` and \`${name}\` cannot be told apart.`,
        { param, code: 'invalid_value' },
      );
    }
    this.#originals.set(short, name);
    return short;
  }

  /** The client's name for what the upstream calls `name`. */
  client(name: string): string {
    return this.#originals.get(name) ?? name;
  }
}

/** In hex. */
export function sha256(text: string): string {
  return new Bun.CryptoHasher('sha256').update(text).digest('hex');
}
