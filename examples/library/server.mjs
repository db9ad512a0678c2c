// The daemon inside a program. Needs Bun.
import { createServer } from 'codexd';

const server = createServer({ settings: { server: { rate_limit_per_minute: 60 } } });
await server.listen(18080);
console.log(`listening on ${server.addresses}`);

const health = await fetch('http://127.0.0.1:18080/health');
console.log((await health.json()).status);
await server.close();
