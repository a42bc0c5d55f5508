import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

export interface HealthOptions {
  host: string;
  port: number;
  /** Names of the parts that are not ready; empty means ready. Must not throw. */
  notReady: () => Promise<string[]>;
  metrics: Registry;
}

/**
 * The HTTP side that machines read: `/healthz` (this process runs), `/readyz` (it can take custody
 * of mail: 503 with the names of the parts that are missing) and `/metrics` (Prometheus). Ids and
 * counts only. Resolves with the server and its port once it listens; rejects where the port is in
 * use.
 */
export async function startHealth(
  options: HealthOptions,
): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? '' : body);
    };
    const serve = async (): Promise<void> => {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        answer(405, 'text/plain', 'Only GET and HEAD\n');
        return;
      }
      switch ((request.url ?? '/').split('?')[0] ?? '/') {
        case '/healthz':
          answer(200, 'text/plain', 'ok\n');
          return;
        case '/readyz': {
          const missing = await options.notReady();
          if (missing.length === 0) answer(200, 'text/plain', 'ready\n');
          else answer(503, 'text/plain', `not ready: ${missing.join(', ')}\n`);
          return;
        }
        case '/metrics':
          answer(200, options.metrics.contentType, await options.metrics.metrics());
          return;
        default:
          answer(404, 'text/plain', 'Try /healthz, /readyz or /metrics\n');
      }
    };
    serve().catch(() => answer(500, 'text/plain', 'error\n'));
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return { server, port: typeof address === 'object' && address ? address.port : options.port };
}
