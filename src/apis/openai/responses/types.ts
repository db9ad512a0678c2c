// What one turn on /v1/responses must remember of its request (docs/wire/openai.md#responses-fields), and what
// its input is read by.
import type { Dropped } from '../../../responses/request.ts';
import type { Translation } from '../../../responses/translator.ts';
import type { ToolNames } from '../../tool-names.ts';

export interface ResponsesTranslation extends Translation {
  /** Whether a Codex client asks: it speaks the upstream's own language and gets everything the upstream says. */
  codex: boolean;
  /** Whether the client may see `encrypted_content`, which is always asked for upstream. */
  showEncrypted: boolean;
  toolNames: ToolNames;
  /** The keys of the response object that only the request knows; they rule over what the upstream echoes. */
  echo: Record<string, unknown>;
}

export interface InputOptions {
  /** A Codex client's items pass as they are. */
  codex: boolean;
  names: ToolNames;
  /** The groups of tools this request declares. */
  namespaces: Set<string>;
  dropped: Dropped[];
}
