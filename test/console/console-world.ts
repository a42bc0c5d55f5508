import { randomBytes } from 'node:crypto';
import { startGateway, type Gateway } from '../../src/gateway.ts';
import { createLog } from '../../src/log.ts';
import { addAccount, newLink } from '../../src/pipeline/officer-accounts.ts';
import type { Road } from '../../src/pipeline/road.ts';
import type { OfficerRole } from '../../src/policy/permissions.ts';
import { findOfficer } from '../../src/store/officers.ts';
import type { Config } from '../../src/config.ts';
import { testWorld, type TestWorld } from '../support/gateway.ts';
import { createVisitor, type Visitor } from './visitor.ts';

/** A running console on its own record, over the demo policy. */
export interface ConsoleWorld {
  world: TestWorld;
  gateway: Gateway;
  url: string;
  /** An officer of these roles (`council:role`), signed in by a one-time link. */
  signedIn(...roles: string[]): Promise<Visitor & { officerId: string }>;
  /** Somebody who is not signed in. */
  visitor(address?: string): Visitor;
  /** An officer without a way in, by id. */
  officer(roles: string[], name?: string): Promise<{ id: string; address: string }>;
  close(): Promise<void>;
}

/** Starts the real gateway with the role `console` alone; `clock` may be turned by the test. */
export async function consoleWorld(
  options: {
    console?: Partial<Config['console']>;
    policy?: Partial<Config['policy']>;
    clock?: () => Date;
    demo?: boolean;
    decorate?: (road: Road) => Road;
  } = {},
): Promise<ConsoleWorld> {
  const world = await testWorld();
  const config = {
    ...world.config,
    policy: { ...world.config.policy, ...options.policy },
    console: {
      ...world.config.console,
      port: 0,
      proxies: ['127.0.0.0/8', '::1/128'],
      ...options.console,
    },
  };
  const gateway = await startGateway(config, {
    log: createLog('silent'),
    roles: ['console'],
    demo: options.demo ?? true,
    ...(options.clock ? { clock: options.clock } : {}),
    ...(options.decorate ? { decorate: options.decorate } : {}),
  });
  const url = gateway.endpoints['console'] ?? '';
  const { db, clock, policy, directory } = gateway.road;
  const accounts = { db, clock, policy, directory, random: (n: number) => randomBytes(n) };
  let count = 0;
  const officer = async (roles: string[], name = `Officer ${(count += 1)}`) => {
    const address = `${name.toLowerCase().replaceAll(' ', '.')}@merebrook.gov.uk`;
    const known = await findOfficer(db, { login: address });
    if (known) return { id: known.id, address };
    const added = await addAccount(accounts, {
      name,
      addresses: [address],
      roles: roles.map((each) => {
        const [council = '', role = ''] = each.split(':');
        return { council, role: role as OfficerRole };
      }),
      by: 'test',
    });
    if (added.kind === 'refused') throw new Error(added.advice);
    return { id: added.officer.id, address };
  };
  return {
    world,
    gateway,
    url,
    officer,
    visitor: (address) => createVisitor(url, address),
    async signedIn(...roles) {
      const { id } = await officer(roles);
      const visitor = createVisitor(url);
      const link = `/sign-in/link/${await newLink(accounts, id, 'demo')}`;
      await visitor.get(link);
      const answer = await visitor.post(link, {});
      if (answer.status !== 303) throw new Error(`The demo link answered ${answer.status}`);
      return Object.assign(visitor, { officerId: id });
    },
    async close() {
      await gateway.stop();
      await world.close();
    },
  };
}
