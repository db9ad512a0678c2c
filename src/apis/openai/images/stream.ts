// Encodes an image turn as image_generation.* or image_edit.* events (docs/wire/openai.md#image-events). There is no `[DONE]`.
import type { Failure } from '../../../failure.ts';
import { Collector } from '../../../responses/collect.ts';
import { DeltaEvent, type LifecycleEvent, type ResponsesEvent } from '../../../responses/event.ts';
import type { Encoder } from '../../../responses/translator.ts';
import { type Framing, framed, serverSentEvents } from '../../../stream/framing.ts';
import { openaiErrorObject } from '../errors.ts';
import type { ImageTranslation } from './types.ts';
import { imageFromResponse, imagePropertiesOf } from './whole.ts';

export class ImageEncoder implements Encoder {
  readonly #prefix: string;
  readonly #collector = new Collector();
  #createdAt = 0;
  #partials = 0;
  #finished = false;

  constructor(
    private readonly translation: ImageTranslation,
    private readonly framing: Framing = serverSentEvents,
  ) {
    this.#prefix = translation.action === 'edit' ? 'image_edit' : 'image_generation';
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Throws at the end of a turn without an image. */
  push(event: ResponsesEvent): string {
    if (this.#finished || event instanceof DeltaEvent) return '';
    this.#collector.push(event);
    switch (event.type) {
      case 'response.created':
        this.#createdAt = Math.floor((event as LifecycleEvent).response.created_at ?? 0);
        return '';
      case 'response.image_generation_call.partial_image':
        return this.#partial(event as Record<string, unknown>);
      case 'response.completed':
      case 'response.incomplete':
        return this.#completed();
      default:
        return '';
    }
  }

  fail(failure: Failure): string {
    if (this.#finished) return '';
    this.#finished = true;
    return this.#frame('error', { error: openaiErrorObject(failure, 'prompt') });
  }

  heartbeat(): string {
    return this.framing.aside(': keep-alive');
  }

  /** Empty for an event without an image, since clients decode every event. */
  #partial(event: Record<string, unknown>): string {
    const { partial_image_b64: b64_json } = event;
    if (typeof b64_json !== 'string' || b64_json === '') return '';
    return this.#frame(`${this.#prefix}.partial_image`, {
      b64_json,
      partial_image_index: this.#partials++,
      created_at: this.#createdAt,
      ...imagePropertiesOf(event, this.translation.look),
    });
  }

  /** Not before the end, because the usage is not known earlier. */
  #completed(): string {
    const { response } = this.#collector;
    if (response === undefined) return '';
    const { b64_json, look, usage } = imageFromResponse(response, this.translation);
    this.#finished = true;
    return this.#frame(`${this.#prefix}.completed`, {
      b64_json,
      created_at: this.#createdAt,
      ...look,
      ...(usage === undefined ? {} : { usage }),
    });
  }

  #frame(type: string, fields: object): string {
    return framed(this.framing, type, { type, ...fields });
  }
}
