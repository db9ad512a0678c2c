// The list of commands. Each is loaded only when it is called: `--help` must not wait for the server.
import type { CommandEntry } from './command.ts';

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
    summary: 'Show account, plan, quota and daemon.',
    load: async () => (await import('./status.ts')).default,
  },
  serve: {
    summary: 'Run the daemon that speaks the OpenAI, Anthropic and Ollama APIs.',
    load: async () => (await import('./serve.ts')).default,
  },
  transcribe: {
    summary: 'Write down what is said in recordings; `codexd FILE` does the same.',
    load: async () => {
      const [{ transcribeCommand }, { openRooms }, { openSpeech }] = await Promise.all([
        import('./transcribe.ts'),
        import('./rooms.ts'),
        import('./speech.ts'),
      ]);
      return transcribeCommand(async (session) => {
        const speech = openSpeech(session, openRooms(session));
        await speech.directories.sweep();
        return speech;
      });
    },
  },
  ask: {
    summary: 'Print one answer.',
    load: async () => (await import('./ask.ts')).default,
  },
  models: {
    summary: 'List the models of the account, or the engines of speech.',
    load: async () => {
      const [{ modelsCommand }, { openRooms }] = await Promise.all([
        import('./models.ts'),
        import('./rooms.ts'),
      ]);
      return modelsCommand(
        (session) => openRooms(session).catalog,
        async (session) => {
          const { openSpeech } = await import('./speech.ts');
          return openSpeech(session, openRooms(session)).engines;
        },
      );
    },
  },
  env: {
    summary: 'Print what a client needs to use codexd, or write it into its configuration.',
    load: async () => {
      const [{ envCommand }, { openRooms }] = await Promise.all([import('./env.ts'), import('./rooms.ts')]);
      return envCommand({
        knownModels: (session) => openRooms(session).catalog.known(),
        now: () => new Date(),
      });
    },
  },
  explain: {
    summary: 'Show what a request becomes upstream, without sending it.',
    load: async () => (await import('./explain.ts')).default,
  },
  config: {
    summary: 'Show and check the settings.',
    load: async () => (await import('./config.ts')).default,
  },
};
