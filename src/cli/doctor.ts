// `codexd doctor`: checks everything that commonly goes wrong, and says for each what is right or how to fix it.

import { createServices } from '../app/services.ts';
import { configuredSecrets, type Setup } from '../app/setup.ts';
import { inspect } from '../config/load.ts';
import { silentLog } from '../log.ts';
import { command, type Invocation } from './command.ts';
import { fileProblems } from './config.ts';
import { checks } from './doctor/checks.ts';
import type { Examined } from './doctor/examined.ts';
import { exitCodeOf, type Finding, failureFinding, findingsJson, findingsText } from './doctor/findings.ts';
import { startProbes } from './doctor/probes.ts';
import { loadOptions } from './session.ts';
import { Spinner } from './spinner.ts';
import { lineWidth } from './wrap.ts';

export default command({
  settings: ['server', 'upstream', 'auth', 'models', 'transcription'],
  examples: ['codexd doctor', 'codexd doctor --json'],
  run: async (call) => {
    const spinner = new Spinner(call.terminal.stderr, Date.now);
    spinner.start('Checking');
    const findings = await examine(call).finally(() => spinner.stop());
    const { redact } = call.secrets;
    const { stdout } = call.terminal;
    // Redacted before wrapping: a secret broken across two lines would not be recognised.
    const safe = findings.map((finding) => ({
      ...finding,
      message: redact(finding.message),
      fix: redact(finding.fix),
    }));
    stdout.write(
      call.json ? findingsJson(safe) : findingsText(safe, { width: lineWidth(stdout), color: stdout.color }),
    );
    return exitCodeOf(safe);
  },
});

/** Runs all checks concurrently; the findings are in the order of the list. */
async function examine(call: Invocation): Promise<Finding[]> {
  const examined = prepare(call);
  const found = await Promise.all(
    checks.map(async ({ name, run }) => {
      try {
        return await run(examined);
      } catch (thrown) {
        return [failureFinding(name, thrown)];
      }
    }),
  );
  return found.flat();
}

/** Continues with invalid settings left out, because the other checks are still useful. */
function prepare(call: Invocation): Examined {
  const loaded = inspect(loadOptions(call));
  const { secrets, homedir, env } = call;
  const { paths, sources } = loaded;
  secrets.add(...configuredSecrets(loaded.config, env));
  const unusableFiles = fileProblems(loaded, call);
  const problems = [...loaded.problems, ...unusableFiles];
  const { config: given } = loaded;
  const config =
    unusableFiles.length === 0 ? given : { ...given, upstream: { ...given.upstream, caFile: undefined } };
  const atExit = call.atExit.bind(call);
  const setup: Setup = { config, sources, paths, log: silentLog, secrets, homedir, env, atExit };
  const services = createServices(setup);
  const { notices } = loaded;
  return { call, setup, services, problems, notices, probes: startProbes(setup, services) };
}
