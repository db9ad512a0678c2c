import { expect, test } from 'bun:test';
import { createTicker } from '../../src/stream/ticker.ts';
import { until } from '../support/until.ts';

test('every listener hears every tick until it leaves, and leaving twice is harmless', async () => {
  const ticker = createTicker(2);
  const heard = { first: 0, second: 0 };
  const leaveFirst = ticker.add(() => heard.first++);
  const leaveSecond = ticker.add(() => {
    heard.second++;
    if (heard.second === 2) leaveSecond();
  });
  await until(() => heard.first >= 4);
  leaveSecond();
  expect(heard.second).toBe(2);
  leaveFirst();
  leaveFirst();
  const { first } = heard;
  await Bun.sleep(8);
  expect(heard.first).toBe(first);
});

test('without listeners nothing keeps the process alive; the next listener starts it again', async () => {
  const script = `
    import { createTicker } from ${JSON.stringify(`${import.meta.dir}/../../src/stream/ticker.ts`)};
    const ticker = createTicker(1);
    for (let turn = 0; turn < 2; turn++) {
      await new Promise((resolve) => {
        const leave = ticker.add(() => { leave(); resolve(); });
      });
    }
    console.log('heard twice');`;
  const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe', timeout: 30_000 });
  expect(await new Response(child.stdout).text()).toBe('heard twice\n');
  expect(await child.exited).toBe(0);
});
