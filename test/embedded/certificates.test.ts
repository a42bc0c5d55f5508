import { createServer, connect } from 'node:tls';
import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ownCertificates } from '../../src/embedded/certificates.ts';

const AT = new Date();
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'portreeve-tls-'));
  return () => rm(dir, { recursive: true });
});

async function make(at = AT): Promise<{ ca: string; cert: string; key: string }> {
  const { caFile, servers } = await ownCertificates(dir, ['mx.demo.example'], at);
  const files = servers['mx.demo.example'];
  const read = (file = ''): Promise<string> => readFile(file, 'utf8');
  return {
    ca: await read(caFile),
    cert: await read(files?.certFile),
    key: await read(files?.keyFile),
  };
}

describe('ownCertificates()', () => {
  it('makes what a client that trusts the authority accepts for that name', async () => {
    const { ca, cert, key } = await make();
    const server = createServer({ cert, key }, (socket) => socket.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const attempt = (servername: string): Promise<boolean> => {
      const socket = connect({ port, host: '127.0.0.1', ca, servername });
      return new Promise<boolean>((resolve) => {
        socket.once('error', () => resolve(false));
        socket.once('secureConnect', () => {
          socket.destroy();
          resolve(true);
        });
      });
    };
    expect(await attempt('mx.demo.example')).toBe(true);
    expect(await attempt('other.demo.example')).toBe(false);
    server.close();
  });

  it('gives serial numbers that are positive and minimal, so that every library reads them', async () => {
    const { ca, cert } = await make();
    for (const pem of [ca, cert]) {
      expect(new X509Certificate(pem).serialNumber).toMatch(/^4[0-9A-F]{31}$/);
    }
  });

  it('finds them again, and keeps the keys to itself', async () => {
    const first = await make();
    expect(await make()).toEqual(first);
    expect((await stat(path.join(dir, 'mx.demo.example.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(path.join(dir, 'ca.key'))).mode & 0o777).toBe(0o600);
  });

  it('replaces what has expired', async () => {
    const old = await make(new Date(AT.getTime() - 4 * 365 * 86_400_000));
    const fresh = await make();
    expect(fresh.ca).not.toBe(old.ca);
    expect(new X509Certificate(fresh.cert).validToDate > AT).toBe(true);
  });

  it('replaces what another authority signed, and what is damaged', async () => {
    const first = await make();
    await rm(path.join(dir, 'ca.pem'));
    const second = await make();
    expect(second.cert).not.toBe(first.cert);
    const authority = new X509Certificate(second.ca).publicKey;
    expect(new X509Certificate(second.cert).verify(authority)).toBe(true);
    await writeFile(path.join(dir, 'mx.demo.example.pem'), 'half');
    expect((await make()).cert).toMatch(/^-----BEGIN CERTIFICATE-----/);
  });
});
