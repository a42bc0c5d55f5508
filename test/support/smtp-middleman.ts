import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What the man in the middle does to what the server says. */
export type Meddling = 'none' | 'strip-starttls' | 'inject-after-starttls';

export interface Middleman {
  meddle(how: Meddling): void;
  /** All that clients sent through, as it stood on the wire. */
  wire(): string;
  close(): Promise<void>;
}

/** Stands between a client and a real server, sees every byte, and changes some. */
export async function startMiddleman(
  at: { host: string; port: number },
  server: { host: string; port: number },
): Promise<Middleman> {
  let meddling: Meddling = 'none';
  const seen: Buffer[] = [];
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = connect(server.port, server.host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      seen.push(chunk);
      // A client may ask for TLS though nobody offers it: that must not get through either.
      if (meddling === 'strip-starttls' && /^STARTTLS\b/i.test(chunk.toString('latin1'))) {
        client.write('500 5.5.1 Unrecognised command\r\n');
      } else upstream.write(chunk);
    });
    upstream.on('data', (chunk) => client.write(changed(chunk, meddling)));
  });
  listener.listen(at.port, at.host);
  await once(listener, 'listening');
  return {
    meddle: (how) => void (meddling = how),
    wire: () => Buffer.concat(seen).toString('latin1'),
    async close() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}

function changed(chunk: Buffer, meddling: Meddling): Buffer {
  const text = chunk.toString('latin1');
  if (meddling === 'strip-starttls') {
    return Buffer.from(text.replace(/^250[ -]STARTTLS\r\n/m, '250-XXXXXXXA\r\n'), 'latin1');
  }
  if (meddling === 'inject-after-starttls' && text.startsWith('220 Go ahead')) {
    return Buffer.from(`${text}250-evil.example\r\n250 AUTH PLAIN\r\n`, 'latin1');
  }
  return chunk;
}
