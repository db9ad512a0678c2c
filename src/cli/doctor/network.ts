import { spanText } from '../../reset-time.ts';
import { proxyOf } from '../../upstream/transport.ts';
import type { Examined } from './examined.ts';
import { type Finding, failureFinding, good, problem, skipped } from './findings.ts';
import type { Reachability } from './probes.ts';

export async function checkIssuer({ probes, setup }: Examined): Promise<Finding[]> {
  return [reachability('issuer', setup.config.upstream.issuer, await probes.issuer)];
}

export async function checkUpstream({ probes, setup }: Examined): Promise<Finding[]> {
  return [reachability('upstream', setup.config.upstream.baseUrl, await probes.upstream)];
}

function reachability(check: 'issuer' | 'upstream', url: string, found: Reachability): Finding {
  const { host } = new URL(url);
  if (found.isReachable) return good(check, `${host} responds.`);
  const { message, advice, exitCode } = found.failure;
  return problem(check, `${host}: ${message}`, advice, exitCode);
}

export async function checkChallenge({ probes }: Examined): Promise<Finding[]> {
  const all = await Promise.all([probes.upstream, probes.issuer]);
  const challenge = all.map((each) => (each.isReachable ? each.challenge : undefined)).find(Boolean);
  if (challenge !== undefined) return [failureFinding('challenge', challenge)];
  if (!all[0]!.isReachable)
    return [skipped('challenge', 'Not checked, because the upstream is not reachable.')];
  return [good('challenge', 'Cloudflare lets this network through.')];
}

/** Tokens are refreshed five minutes before they expire. */
const worstSkewMs = 60_000;

export async function checkClock({ probes }: Examined): Promise<Finding[]> {
  const all = await Promise.all([probes.upstream, probes.issuer]);
  const skewMs = all
    .map((each) => (each.isReachable ? each.skewMs : undefined))
    .find((ms) => ms !== undefined);
  if (skewMs === undefined) return [skipped('clock', 'Not checked, because no server reported its time.')];
  const by = spanText(Math.abs(skewMs));
  if (Math.abs(skewMs) < worstSkewMs) return [good('clock', "This machine's clock is right.")];
  return [
    problem(
      'clock',
      `This machine's clock is ${by} ${skewMs > 0 ? 'ahead' : 'behind'}, so logins expire at the wrong time.`,
      'Set the clock, or turn on time synchronisation.',
    ),
  ];
}

export async function checkProxy({ setup: { config, env } }: Examined): Promise<Finding[]> {
  const { upstream } = config;
  const url = new URL(upstream.baseUrl);
  const proxy = proxyOf(url, upstream.proxy, env);
  if (proxy === undefined) return [good('proxy', 'None is set.')];
  const from = proxy.from ?? '`upstream.proxy`';
  const parsed = URL.parse(proxy.url);
  if (parsed === null || parsed.hostname === '') {
    return [problem('proxy', `${from} is not a URL.`, `Set ${from} to http://HOST:PORT.`)];
  }
  try {
    const port = Number(parsed.port) || (parsed.protocol === 'https:' ? 443 : 80);
    await canConnect(parsed.hostname.replace(/^\[(.*)\]$/, '$1'), port);
    return [good('proxy', `${parsed.host} accepts connections (${from}).`)];
  } catch {
    const message = `The proxy ${parsed.host} does not accept connections (${from}).`;
    return [problem('proxy', message, `Start it, or correct ${from}.`, asUnreachable)];
  }
}

/** The exit code of `upstream_unreachable`. */
const asUnreachable = 5;

async function canConnect(hostname: string, port: number): Promise<void> {
  const socket = await Bun.connect({ hostname, port, socket: { data() {} } });
  socket.end();
}
