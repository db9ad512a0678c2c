// codexd's own endpoints, and those of the programs it replaces. Their failures are in OpenAI's envelope.
import type { Api } from '../api.ts';
import { openaiFailure } from '../openai/errors.ts';
import { codexEndpoints } from './codex.ts';
import { debugEndpoints } from './debug.ts';
import { healthEndpoints } from './health.ts';
import { metricsEndpoint } from './metrics.ts';
import { openApiEndpoint } from './openapi.ts';
import { speechAdminEndpoints } from './speech-admin.ts';

export const codexd: Api = {
  name: 'codexd',
  endpoints: [
    ...speechAdminEndpoints,
    ...healthEndpoints,
    metricsEndpoint,
    openApiEndpoint,
    ...debugEndpoints,
    ...codexEndpoints,
  ],
  failure: (failure) => openaiFailure(failure),
};
