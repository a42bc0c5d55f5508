import { readFile } from 'node:fs/promises';
import type { Config } from './config.ts';
import { openListener, type Listener, type ServerCertificate } from './ingress/listener.ts';
import type { Connector } from './ingress/connector.ts';
import type { Accept } from './pipeline/accept.ts';
import type { Road } from './pipeline/road.ts';
import { findLogin } from './store/people.ts';

/** Opens every SMTP listener that the configuration names. */
export async function openListeners(
  config: Config,
  road: Road,
  accept: Accept,
): Promise<{ endpoints: Record<string, string>; close: () => Promise<void> }> {
  const opened: Listener[] = [];
  const endpoints: Record<string, string> = {};
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((listener) => listener.close()));
  };
  const shared = {
    hostname: config.hostname,
    accept,
    log: road.log,
    clock: road.clock,
    limits: limitsOf(config),
  };
  const open = async (name: string, listener: Promise<Listener>): Promise<void> => {
    const { address, port } = await listener;
    opened.push(await listener);
    endpoints[name] = `${address}:${port}`;
  };
  try {
    const certificate = await certificateOf(config.submission.tls);
    if (certificate) {
      const submission = {
        ...shared,
        kind: 'submission' as const,
        certificate,
        host: config.submission.host,
        findLogin: (address: string) => findLogin(road.db, address),
      };
      const { port, implicitTlsPort } = config.submission;
      await open('submission', openListener({ ...submission, port, implicitTls: false }));
      if (implicitTlsPort !== null) {
        const secure = { ...submission, port: implicitTlsPort, implicitTls: true };
        await open('submissions', openListener(secure));
      }
    }
    if (config.connectors.length > 0) {
      const connector = {
        ...shared,
        kind: 'connector' as const,
        certificate: await certificateOf(config.connector.tls),
        connectors: await connectorsOf(config),
        host: config.connector.host,
        port: config.connector.port,
        implicitTls: false,
      };
      await open('connector', openListener(connector));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoints, close };
}

function limitsOf({ limits }: Config) {
  return {
    messageBytes: limits.messageBytes,
    recipients: limits.recipients,
    idleSeconds: limits.idleSeconds,
    dataSeconds: limits.dataSeconds,
    connections: limits.connections,
    connectionsPerAddress: limits.connectionsPerAddress,
    failedLoginsPerAddress: limits.failedLogins,
    failedLoginsPerAccount: limits.failedLogins,
  };
}

async function connectorsOf(config: Config): Promise<Connector[]> {
  return Promise.all(
    config.connectors.map(async ({ clientCertificate, tenantHeader, ...connector }) => ({
      ...connector,
      certificate: clientCertificate && {
        names: clientCertificate.names,
        issuers:
          clientCertificate.caFile === null
            ? []
            : [await readFile(clientCertificate.caFile, 'utf8')],
      },
      tenantPin: tenantHeader && { header: tenantHeader.name, value: tenantHeader.value },
    })),
  );
}

async function certificateOf(
  files: Config['submission']['tls'],
): Promise<ServerCertificate | null> {
  if (!files) return null;
  return {
    cert: await readFile(files.certFile, 'utf8'),
    key: await readFile(files.keyFile, 'utf8'),
  };
}
