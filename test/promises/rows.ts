// The rows of a project that are all tested in the same way: variables, routes and model names.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { runCodexd } from '../cli/process.ts';
import type { Machine, RunningServer } from './machine.ts';
import type { Project } from './project.ts';

interface Shown {
  key: string;
  value?: unknown;
  source: { layer: string; at: string };
}

const masked = '********';

export function tryVariables({ variables }: Project): void {
  const settings = variables.filter(({ sets }) => sets !== undefined);
  test.each(settings)('variable $name', async ({ name, value, sets, to }) => {
    const { out, exitCode } = await runCodexd(['config', 'show', '--json'], { env: { [name]: value } });
    expect(exitCode).toBe(0);
    const shown = (JSON.parse(out) as Shown[]).find(({ key }) => key === sets);
    expect(shown).toMatchObject({ value: to === 'secret' ? masked : to, source: { layer: 'env', at: name } });
  });
}

export function tryRoutes({ routes }: Project, machine: Machine): void {
  describe('routes', () => {
    let daemon: RunningServer;
    beforeAll(async () => {
      daemon = await machine.serve('codexd serve');
    });
    afterAll(() => daemon.stop());

    test.each(routes.map(({ was, now = was }) => [now]))('%s exists', async (route) => {
      const [method = '', path = ''] = route.split(' ');
      const body = method === 'POST' ? { body: '{}' } : {};
      const answer = await fetch(daemon.url + path, { method, ...body });
      await answer.body?.cancel();
      expect([404, 405]).not.toContain(answer.status);
    });
  });
}

/** Every name is accepted and echoed, and the header names the model. */
export function tryChatModels({ models }: Project, machine: Machine): void {
  describe('models', () => {
    let daemon: RunningServer;
    beforeAll(async () => {
      daemon = await machine.serve('codexd serve');
    });
    afterAll(() => daemon.stop());

    test.each(models.map((model) => [model]))('%s', async (model) => {
      const messages = [{ role: 'user', content: 'Hello' }];
      const answer = await fetch(`${daemon.url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ model, messages }),
      });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ model, object: 'chat.completion' });
      const small = /-(?:mini|nano|spark)$/.test(model);
      const expected = model === 'gpt-5.5' ? model : small ? 'gpt-6-luna' : 'gpt-6.2-sol';
      expect(answer.headers.get('x-codexd-model')).toBe(expected);
    });
  });
}
