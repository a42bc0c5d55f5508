import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHealth } from '../../src/console/health.ts';

let close: () => void;
let base: string;
let missing: string[];

beforeEach(async () => {
  missing = [];
  const { server, port } = await startHealth({
    host: '127.0.0.1',
    port: 0,
    metrics: new Registry(),
    notReady: () => Promise.resolve(missing),
  });
  base = `http://127.0.0.1:${port}`;
  close = () => void server.close();
});
afterEach(() => close());

async function ask(path: string, method = 'GET'): Promise<[number, string]> {
  const response = await fetch(base + path, { method });
  return [response.status, await response.text()];
}

describe('startHealth()', () => {
  it('says whether the process runs and whether it can take mail', async () => {
    expect(await ask('/healthz')).toEqual([200, 'ok\n']);
    expect(await ask('/readyz?from=probe')).toEqual([200, 'ready\n']);
    missing = ['record', 'spool'];
    expect(await ask('/readyz')).toEqual([503, 'not ready: record, spool\n']);
    expect(await ask('/healthz')).toEqual([200, 'ok\n']);
  });

  it('answers HEAD without a body, and nothing but GET and HEAD', async () => {
    expect(await ask('/healthz', 'HEAD')).toEqual([200, '']);
    expect((await ask('/healthz', 'POST'))[0]).toBe(405);
    expect((await ask('/etc/passwd'))[0]).toBe(404);
  });

  it('rejects where its port is in use', async () => {
    const port = Number(new URL(base).port);
    const options = { host: '127.0.0.1', port, metrics: new Registry() };
    const second = startHealth({ ...options, notReady: () => Promise.resolve([]) });
    await expect(second).rejects.toThrow('EADDRINUSE');
  });
});
