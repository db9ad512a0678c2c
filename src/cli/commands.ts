// The list of commands. Each is loaded only when it runs: `--help` must not wait for the server's modules.
import type { CommandEntry } from './command.ts';

/** `codexd FILE` means this command. */
export const fileCommandName = 'transcribe';

export const commands: Readonly<Record<string, CommandEntry>> = {
  login: {
    summary: 'Log in with a ChatGPT account.',
    load: async () => (await import('./login.ts')).default,
  },
  logout: {
    summary: "Revoke and delete codexd's own login.",
    load: async () => (await import('./logout.ts')).default,
  },
  status: {
    summary: 'Show account, plan, limits and whether a daemon is listening.',
    load: async () => (await import('./status.ts')).default,
  },
  serve: {
    summary: 'Run the daemon that serves the OpenAI, Anthropic and Ollama APIs.',
    load: async () => (await import('./serve.ts')).default,
  },
  service: {
    summary: 'Run the daemon as a service of systemd, launchd or Windows.',
    load: async () => (await import('./service.ts')).default,
  },
  health: {
    summary: 'Check that the daemon responds, for health checks.',
    load: async () => (await import('./health.ts')).default,
  },
  doctor: {
    summary: 'Check everything that commonly goes wrong, and say how to fix it.',
    load: async () => (await import('./doctor.ts')).default,
  },
  transcribe: {
    summary: 'Transcribe recordings; `codexd FILE` does the same.',
    load: async () => {
      const [{ transcribeCommand }, { createServices }, { createSpeech }, usages] = await Promise.all([
        import('./transcribe.ts'),
        import('../app/services.ts'),
        import('../app/speech.ts'),
        import('../app/command-usage.ts'),
      ]);
      return transcribeCommand(async (session) => {
        const speech = createSpeech(session, createServices(session));
        await speech.sweep();
        const usage = usages.createCommandUsage(session, 'transcribe');
        return {
          transcriber: usages.countedTranscriber(speech.transcriber, usage),
          close: () => speech.close().finally(() => usage.close()),
        };
      });
    },
  },
  ask: {
    summary: 'Ask one question and print the answer.',
    load: async () => (await import('./ask.ts')).default,
  },
  models: {
    summary: "List the account's models, or the speech engines.",
    load: async () => {
      const [{ modelsCommand }, { createServices }] = await Promise.all([
        import('./models.ts'),
        import('../app/services.ts'),
      ]);
      return modelsCommand(
        (session) => createServices(session).catalog,
        async (session) => {
          const { createSpeech } = await import('../app/speech.ts');
          return createSpeech(session, createServices(session)).engines;
        },
      );
    },
  },
  usage: {
    summary: 'Show requests and tokens per day, model, key or client.',
    load: async () => (await import('./usage.ts')).default,
  },
  env: {
    summary: 'Print or write the configuration a client needs.',
    load: async () => {
      const [{ envCommand }, { createServices }, { knownModels }, { probeDaemon }] = await Promise.all([
        import('./env.ts'),
        import('../app/services.ts'),
        import('../models/catalog.ts'),
        import('./daemon-probe.ts'),
      ]);
      return envCommand({
        models: (session) => knownModels(createServices(session).catalog),
        isListening: async (session) => {
          const { fetch } = createServices(session);
          const daemons = session.config.server.listen.map((address) => probeDaemon(address, fetch));
          return (await Promise.all(daemons)).some(({ listening }) => listening);
        },
        now: () => new Date(),
      });
    },
  },
  run: {
    summary: 'Run a client on codexd, without changing its configuration.',
    load: async () => (await import('./run-client.ts')).default,
  },
  explain: {
    summary: 'Show what a request becomes upstream, without sending it.',
    load: async () => (await import('./explain.ts')).default,
  },
  config: {
    summary: 'Show and check settings, and manage API keys.',
    load: async () => (await import('./config.ts')).default,
  },
  completions: {
    summary: 'Print the completion script of a shell.',
    load: async () => (await import('./completions.ts')).completionsCommand({ commands, fileCommandName }),
  },
  version: {
    summary: 'Print the version.',
    load: async () => (await import('./version-command.ts')).default,
  },
};
