// Names and ids the upstream refuses, and the way back to the client's own (reference/openai-api.md A.2 rule 4 and A.4;
// field note 42: MCP tool names are often longer than 64 characters or have dots in them).
import { invalid } from './check.ts';

const legal = /^[A-Za-z0-9_-]{1,64}$/;
const maxIdLength = 64;

/** The name as the upstream takes it: a pure function, so that every turn of a conversation uses the same one. */
function upstreamToolName(name: string): string {
  if (legal.test(name)) return name;
  return `${name.slice(0, 55).replace(/[^A-Za-z0-9_-]/g, '_')}_${sha256(name).slice(0, 8)}`;
}

/** A call id as the upstream takes it; call and output are given the same one because this is a pure function. */
export function upstreamCallId(id: string): string {
  return id.length <= maxIdLength ? id : `call_${sha256(id).slice(0, 48)}`;
}

/** A cache key as the upstream takes it; absent when empty (it refuses `""`). */
export function upstreamCacheKey(key: string | undefined): string | undefined {
  if (key === undefined || key === '') return undefined;
  return key.length <= maxIdLength ? key : sha256(key);
}

/** The tool names of one request. Names that are mentioned only in history are remembered too. */
export class ToolNames {
  readonly #originals = new Map<string, string>();

  /** The upstream's name for the client's `name`; a 400 for `param` when two names would become one. */
  upstream(name: string, param: string): string {
    const short = upstreamToolName(name);
    const taken = this.#originals.get(short);
    if (taken !== undefined && taken !== name) {
      throw invalid(
        param,
        `The tool names \`${taken}\` and \`${name}\` cannot be told apart.`,
        'invalid_value',
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

function sha256(text: string): string {
  return new Bun.CryptoHasher('sha256').update(text).digest('hex');
}
