// `GET /metrics`: the daemon's counters and state in Prometheus' text format. Contains no content and no key.
import type { Endpoint } from '../api.ts';

export const metricsEndpoint: Endpoint = {
  path: '/metrics',
  summary: 'counters, histograms and gauges for Prometheus',
  returns: ['text/plain'],
  methods: ({ metrics }) => ({
    GET: () => {
      const { text, contentType } = metrics();
      return new Response(text, { headers: { 'content-type': contentType } });
    },
  }),
};
