// Responses that are being generated, so that they can be retrieved and cancelled.
import type { ResponsesResponse } from '../responses/response.ts';

export interface RunningResponse {
  /** The response so far. */
  readonly response: ResponsesResponse;
  /** Ends its turn now; returns the response at that time. */
  cancel(): Promise<ResponsesResponse>;
}

export class RunningResponses {
  readonly #running = new Map<string, RunningResponse>();

  add(owner: string, id: string, running: RunningResponse): void {
    this.#running.set(keyOf(owner, id), running);
  }

  remove(owner: string, id: string): void {
    this.#running.delete(keyOf(owner, id));
  }

  find(owner: string, id: string): RunningResponse | undefined {
    return this.#running.get(keyOf(owner, id));
  }
}

function keyOf(owner: string, id: string): string {
  return `${owner}:${id}`;
}
