// Shared by `stream.ts` and `whole.ts`: an answer's text and citations (docs/wire/openai.md#chat-object, #one-message, #reasoning-text).
import type { OutputMessage, ResponsesResponse } from '../../../responses/response.ts';
import type { UrlCitation } from './types.ts';

/** Between two text parts, messages or summaries. */
export const paragraphBreak = '\n\n';

export const thinkOpen = '<think>';
export const thinkClose = '</think>';

/** The id and time in every chunk and in the whole response. */
export function completionIdentity(response: ResponsesResponse): { id: string; created: number } {
  return {
    id: `chatcmpl-${response.id.replace(/^resp_/, '')}`,
    created: Math.floor(response.created_at ?? 0),
  };
}

/** Some summaries consist of an empty HTML comment (`Soju06/codex-lb`). */
export function isBlankSummary(text: string): boolean {
  const bare = text.replace(/\s+/g, '');
  return bare === '' || bare === blankComment;
}

/** Whether a summary that begins with this text may still be blank. */
export function mayBeBlankSummary(text: string): boolean {
  return blankComment.startsWith(text.replace(/\s+/g, ''));
}

const blankComment = '<!---->';

/** The citations of an answer. Their indexes are shifted to the positions of the text parts in the joined content. */
export class Citations {
  readonly found: UrlCitation[] = [];
  #length = 0;
  #hasText = false;

  /** Content before the message's own text: think tags and their content. */
  skip(length: number): void {
    this.#length += length;
  }

  add(message: OutputMessage): void {
    for (const part of message.content) {
      if (part.type !== 'output_text' || part.text === '') continue;
      if (this.#hasText) this.#length += paragraphBreak.length;
      for (const annotation of part.annotations ?? []) this.#cite(annotation);
      this.#length += part.text.length;
      this.#hasText = true;
    }
  }

  /** The chat API has no format for file citations. */
  #cite({ type, url, title, start_index, end_index }: { type: string; [key: string]: unknown }): void {
    if (type !== 'url_citation' || typeof url !== 'string') return;
    this.found.push({
      type: 'url_citation',
      url_citation: {
        url,
        title: typeof title === 'string' ? title : '',
        start_index: this.#length + position(start_index),
        end_index: this.#length + position(end_index),
      },
    });
  }
}

function position(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
