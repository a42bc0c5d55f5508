import { readFile } from 'node:fs/promises';
import type { Config } from './config.ts';
import { createConsole } from './console/console.ts';
import type { ConsoleSettings } from './console/services.ts';
import type { GatewayKeys } from './keys.ts';
import type { Road } from './pipeline/road.ts';

/** Opens the review console where the configuration says. */
export async function openConsole(
  config: Config,
  road: Road,
  { keys, demo }: { keys: GatewayKeys; demo: boolean },
): Promise<{ url: string; close: () => Promise<void> }> {
  const { host, port, tls } = config.console;
  const pair = tls && {
    cert: await readFile(tls.certFile, 'utf8'),
    key: await readFile(tls.keyFile, 'utf8'),
  };
  const settings = await settingsOf(config);
  const services = { road, settings, secret: keys.consoleSecret, demo };
  const app = await createConsole(services, { tls: pair });
  await app.listen({ host, port });
  const address = app.server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  // A port of 0 is known only now.
  if (config.console.publicUrl === null) {
    settings.publicUrl = `${pair ? 'https' : 'http'}://localhost:${actual}`;
  }
  return { url: settings.publicUrl, close: () => app.close() };
}

async function settingsOf({ console: file, policy }: Config): Promise<ConsoleSettings> {
  const { host: _host, tls: _tls, port, publicUrl, oidc, ...rest } = file;
  const scheme = file.tls ? 'https' : 'http';
  return {
    ...rest,
    councils: policy.councils,
    secondOfficer: policy.secondOfficer,
    publicUrl: (publicUrl ?? `${scheme}://localhost:${port}`).replace(/\/$/, ''),
    oidc: oidc && {
      ...oidc,
      clientSecret: (await readFile(oidc.clientSecretFile, 'utf8')).trim(),
    },
  };
}
