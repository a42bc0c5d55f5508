import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadMessage } from '../../src/store/messages.ts';
import {
  mail,
  runGateway,
  testWorld,
  type TestGateway,
  type TestWorld,
} from '../support/gateway.ts';

let world: TestWorld;
let gate: TestGateway;

const CLERK = 'clerk@havering.gov.uk';

beforeAll(async () => {
  world = await testWorld();
  const connector = (council: string) => ({
    name: `${council}-exchange`,
    council,
    addresses: ['127.0.0.1/32'],
    requireTls: false,
    clientCertificate: null,
    tenantHeader: { name: 'X-Portreeve-Tenant', value: `secret of ${council}` },
  });
  const routes = world.config.routes['merebrook'];
  gate = await runGateway({
    ...world.config,
    policy: { ...world.config.policy, councils: ['merebrook', 'havering'] },
    connectors: [connector('merebrook'), connector('havering')],
    routes: routes ? { merebrook: routes, havering: routes } : {},
  });
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

function tenantMail(headers: string[]): { from: string; to: string[]; raw: string } {
  const to = 'ann@plain.example';
  const raw = mail({ from: CLERK, to, subject: 'Rota', text: 'The rota.', headers });
  return { from: CLERK, to: [to], raw };
}

describe('two councils behind the addresses of one cloud service', () => {
  it('are told apart by the tenant header alone', async () => {
    for (const council of ['havering', 'merebrook']) {
      const queueId = await gate.relay(tenantMail([`X-Portreeve-Tenant: secret of ${council}`]));
      const [row] = await gate.gateway.db`
        select council, arrival->>'name' as name from messages where queue_id = ${queueId}`;
      expect(row).toEqual({ council, name: `${council}-exchange` });
    }
  });

  it('and that header is taken out, with all else as it came', async () => {
    const pin = 'X-Portreeve-Tenant: secret of havering';
    const odd = ['X-Before: 1', pin, 'a line that is no field', 'X-After: folded', '\tover two'];
    const sent = tenantMail(odd);
    const queueId = await gate.relay(sent);
    const { road, db } = gate.gateway;
    const stored = await loadMessage(db, queueId);
    const bytes = await buffer(road.spool.read(queueId, stored?.wrappedKey ?? Buffer.alloc(0)));
    expect(bytes.toString()).toBe(sent.raw.replace(`${pin}\r\n`, ''));
  });

  it.each([
    ['none', []],
    ['a wrong one', ['X-Portreeve-Tenant: guess']],
    ['both', ['X-Portreeve-Tenant: secret of havering', 'X-Portreeve-Tenant: secret of merebrook']],
  ])('take no mail with %s', async (_, headers) => {
    await expect(gate.relay(tenantMail(headers))).rejects.toMatchObject({
      response: expect.stringMatching(/^550 5\.7\.1 /),
    });
  });
});
