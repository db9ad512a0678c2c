import { verdict } from '../config.ts';
import type { Examined } from './examined.ts';
import { checkFiles } from './files.ts';
import { type CheckName, type Finding, good, problem, warning } from './findings.ts';
import { checkExposure, checkPorts } from './listeners.ts';
import { checkExpiry, checkLogin, checkModels } from './login.ts';
import { checkChallenge, checkClock, checkIssuer, checkProxy, checkUpstream } from './network.ts';
import { checkFfmpeg, checkSilkDecoder, checkSpeech } from './speech.ts';

interface Check {
  name: CheckName;
  /** Anything it throws is reported as a problem. */
  run(examined: Examined): Finding[] | Promise<Finding[]>;
}

export const checks: readonly Check[] = [
  { name: 'configuration', run: checkConfiguration },
  { name: 'files', run: checkFiles },
  { name: 'login', run: checkLogin },
  { name: 'expiry', run: checkExpiry },
  { name: 'proxy', run: checkProxy },
  { name: 'issuer', run: checkIssuer },
  { name: 'upstream', run: checkUpstream },
  { name: 'challenge', run: checkChallenge },
  { name: 'clock', run: checkClock },
  { name: 'catalogue', run: checkModels },
  { name: 'port', run: checkPorts },
  { name: 'exposure', run: checkExposure },
  { name: 'speech', run: checkSpeech },
  { name: 'ffmpeg', run: checkFfmpeg },
  { name: 'silk', run: checkSilkDecoder },
];

function checkConfiguration({ call, setup, problems, notices }: Examined): Finding[] {
  const found = [
    ...problems.map(({ message, advice }) => problem('configuration', message, advice, 2)),
    ...notices.map((notice) => warning('configuration', notice, '')),
  ];
  return found.length > 0 ? found : [good('configuration', verdict(call, setup.paths))];
}
