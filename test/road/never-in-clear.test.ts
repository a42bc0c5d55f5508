import fc from 'fast-check';
import { generateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Courier } from '../../src/delivery/courier.ts';
import type { DeliveryJob, RecipientOutcome } from '../../src/delivery/delivery-job.ts';
import { takeKey, trustKey } from '../../src/pipeline/key-custody.ts';
import { mail, MEMBER, testWorld, type TestWorld } from '../support/gateway.ts';
import { handCranked, type HandCranked } from '../support/hand-cranked.ts';

const SECRET = 'The child stays with her aunt in Mill Lane';
const KEYED = 'keyed@plain.example';
const KEYLESS = ['one@plain.example', 'two@secure.example'];

let world: TestWorld;
let gate: HandCranked;
beforeAll(async () => {
  world = await testWorld();
  gate = await handCranked(world.config);
  const at = gate.road.clock();
  const { publicKey } = await generateKey({ userIDs: [{ email: KEYED }], date: at });
  const taken = await takeKey(gate.road.db, { armored: publicKey, source: 'import', at });
  if (taken.kind !== 'taken') throw new Error(`Key not taken: ${taken.kind}`);
  await trustKey(gate.road.db, { fingerprint: taken.key.fingerprint, by: 'ict', at });
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

/** Whatever a courier may answer; it also leaves somebody out, and throws. */
type Answer = RecipientOutcome | 'nothing' | 'throws';

const CAUSES = ['starttls-not-offered', 'certificate-name', 'dns-failure', 'no-proof'] as const;
const answers: fc.Arbitrary<Answer> = fc.oneof(
  fc.constantFrom('nothing' as const, 'throws' as const),
  fc.record({
    kind: fc.constant('deferred' as const),
    reply: fc.constantFrom('451 4.7.1 Later', '250 2.0.0 Ok', null),
    cause: fc.constantFrom('greylisted', 'starttls-not-offered', ''),
  }),
  fc.record({
    kind: fc.constant('unprotected' as const),
    cause: fc.constantFrom(...CAUSES),
    retryable: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('bounced' as const),
    reply: fc.constant('530 5.7.0 Send it without TLS'),
    cause: fc.constant('refused'),
  }),
);

interface Sent {
  job: DeliveryJob;
  body: string;
}

/** Answers from the list, in its order, and writes down what it was asked to send. */
function fakeCourier(script: Answer[], sent: Sent[]): Courier {
  return {
    ...gate.road.courier,
    async send(job) {
      const chunks: Buffer[] = [];
      for await (const chunk of job.body()) chunks.push(chunk as Buffer);
      sent.push({ job, body: Buffer.concat(chunks).toString() });
      const outcomes = new Map<number | bigint, RecipientOutcome>();
      for (const { id } of job.recipients) {
        const answer = script.shift() ?? 'nothing';
        if (answer === 'throws') throw new Error('Courier fell');
        if (answer !== 'nothing') outcomes.set(id, answer);
      }
      return outcomes;
    },
  };
}

describe('marked mail', () => {
  it('is never handed on unprotected, whatever the courier answers and however often', async () => {
    const fresh = fc.record({
      script: fc.array(answers, { maxLength: 16 }),
      rounds: fc.integer({ min: 1, max: 5 }),
      subject: fc.constantFrom('OFFICIAL-SENSITIVE: x', '[PGP] x', '[secure] x'),
    });
    await fc.assert(
      fc.asyncProperty(fresh, async ({ script, rounds, subject }) => {
        const sent: Sent[] = [];
        gate.instead.courier = fakeCourier([...script], sent);
        const to = [KEYED, ...KEYLESS];
        const raw = mail({ to: to.join(', '), subject, text: SECRET });
        const queueId = await gate.submit({ from: MEMBER, to, raw });
        await gate.work();
        for (let round = 1; round < rounds; round += 1) {
          gate.pass(5 * 60);
          await gate.sweep();
        }
        const ours = sent.filter(({ job }) => job.queueId === queueId);
        expect(ours.length).toBeGreaterThan(0);
        for (const { job, body } of ours) {
          expect(job.protection).toBe('required');
          expect(job.route.kind).toBe('mx');
          expect(job.contentEncrypted).toBe(!body.includes(SECRET));
        }
        // Notices say what became of it and never what stood in it.
        const notices = sent.filter(({ job }) => job.queueId !== queueId);
        for (const { body } of notices) expect(body).not.toContain(SECRET);
        const { recipients } = await gate.message(queueId);
        for (const { protection, status } of recipients) {
          expect(protection).toBe('required');
          expect(['deferred', 'bounced', 'expired']).toContain(status);
        }
        // So that the next run hears of its own mail alone.
        await gate.road.db`update recipients set status = 'withdrawn'
          where status in ('queued', 'deferred')`;
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});
