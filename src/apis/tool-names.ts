// Maps tool names that the upstream refuses, and back. Names of MCP tools often have dots or more than 64 characters
// (docs/wire/openai.md#chat-tools, docs/wire/anthropic.md#tool-names).
import { sha256 } from '../base/sha256.ts';
import { Failure } from '../failure.ts';

const validName = /^[A-Za-z0-9_-]{1,64}$/;

/** A name that the upstream accepts. Pure, so that every turn of a conversation uses the same one. */
function upstreamToolName(name: string): string {
  if (validName.test(name)) return name;
  return `${name.slice(0, 55).replace(/[^A-Za-z0-9_-]/g, '_')}_${sha256(name).slice(0, 8)}`;
}

/** The tool names of one request, including those that occur only in the history. */
export class ToolNames {
  readonly #originals = new Map<string, string>();

  /** The upstream's name for the client's `name`. Throws a 400 for `param` if two names would become one. */
  upstream(name: string, param: string): string {
    const short = upstreamToolName(name);
    const taken = this.#originals.get(short);
    if (taken !== undefined && taken !== name) {
      throw new Failure(
        'invalid_request',
        `The tool names \`${taken}\` and \`${name}\` are the same after shortening; rename one of them.`,
        { param, code: 'invalid_value' },
      );
    }
    this.#originals.set(short, name);
    return short;
  }

  /** The client's name for the upstream's `name`. */
  client(name: string): string {
    return this.#originals.get(name) ?? name;
  }
}
