// The request data that responses of /v1/responses need (docs/wire/openai.md#responses-fields), and the options for reading input.
import type { Fields } from '../../../responses/fields.ts';
import type { Dropped } from '../../../responses/request.ts';
import type { EarlierItems, Translation } from '../../../responses/translator.ts';
import type { ToolNames } from '../../tool-names.ts';

export interface ResponsesTranslation extends Translation {
  /** Whether the client is Codex, which uses the upstream's own format and receives all of its events. */
  codex: boolean;
  /** Whether the client requested `encrypted_content`, which codexd always requests upstream. */
  showEncrypted: boolean;
  toolNames: ToolNames;
  /** The items of the request itself, as the client sent them; none of the conversation it continues. */
  ownInput: Fields[];
  /** The request's fields in the response object. They override those that the upstream echoes. */
  echo: Record<string, unknown>;
}

export interface InputOptions {
  /** Items from Codex stay unchanged. */
  codex: boolean;
  names: ToolNames;
  /** The tool groups that this request declares. */
  namespaces: Set<string>;
  dropped: Dropped[];
  earlier: EarlierItems;
}
