// A process that is killed while it writes a login: the file has the old login or the new one, whole, at every step.
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAuthFileWriter } from '../../src/auth/store.ts';
import { temporaryDirectory } from './support.ts';

const auth = (name: string) => ({ tokens: { access_token: name.repeat(2000), refresh_token: name } });
const text = (name: string) => `${JSON.stringify(auth(name), null, 2)}\n`;

/** Replaces the login in `path` and kills itself before or after the system call with this number. */
async function replaceAndDie(path: string, step: number, moment: 'before' | 'after') {
  const store = JSON.stringify(join(import.meta.dir, '../../src/auth/store.ts'));
  const script = `
    import { renameSync, writeSync } from 'node:fs';
    import { openAuthFileWriter } from ${store};
    let step = 0;
    const call = (act) => {
      const isLast = step++ === ${step};
      if (isLast && ${moment === 'before'}) process.kill(process.pid, 'SIGKILL');
      const result = act();
      if (isLast) process.kill(process.pid, 'SIGKILL');
      return result;
    };
    const writer = openAuthFileWriter(${JSON.stringify(path)}, {
      // In pieces, so that there are steps within the file.
      write: (fd, bytes, position) => call(() => writeSync(fd, bytes, 0, Math.min(bytes.length, 9000), position)),
      rename: (from, to) => call(() => renameSync(from, to)),
    });
    writer.commit(${JSON.stringify(auth('new'))});
    console.log('done');`;
  const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe', stderr: 'inherit' });
  const [out] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  return out !== 'done\n';
}

describe.skipIf(process.platform === 'win32').each(['before', 'after'] as const)(
  'killed %s a system call',
  (moment) => {
    test('the login is whole, and the next process removes what was left', async () => {
      let step = 0;
      const found: string[] = [];
      for (; ; step++) {
        using directory = temporaryDirectory();
        const path = join(directory.path, 'auth.json');
        writeFileSync(path, text('old'), { mode: 0o600 });
        const wasKilled = await replaceAndDie(path, step, moment);
        const content = readFileSync(path, 'utf8');
        found.push(content === text('old') ? 'old' : content === text('new') ? 'new' : `broken: ${content}`);
        for (const name of readdirSync(directory.path))
          expect(statSync(join(directory.path, name)).mode & 0o077).toBe(0);
        openAuthFileWriter(path).abandon();
        expect(readdirSync(directory.path)).toEqual(['auth.json']);
        if (!wasKilled) break;
      }
      // Reserving and writing take several calls each; only the rename changes the file.
      const lastKilled = moment === 'after' ? 'new' : 'old';
      expect(step).toBeGreaterThan(5);
      expect(found).toEqual([...Array(step - 1).fill('old'), lastKilled, 'new']);
    });
  },
);
