import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { processMessage } from '../../src/pipeline/process.ts';
import { mail, MEMBER, testWorld, type TestWorld } from '../support/gateway.ts';
import { handCranked, type HandCranked } from '../support/hand-cranked.ts';

let world: TestWorld;
let gate: HandCranked;
beforeAll(async () => {
  world = await testWorld();
  gate = await handCranked(world.config);
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});
afterEach(() => {
  delete gate.instead.policy;
});

const WELSH = `Subject: Yn aros i gael ei gwirio

Annwyl {{ recipientName }},

Mae eich neges yn aros i gael ei gwirio. Cyfeirnod: {{ reference }}

{% for contact in contacts %}
- {{ contact.text }}
{% endfor %}

{{ councilName }}
`;

/** A council that asks for Welsh, with these notices beside the English ones. */
function inWelsh(notices: Record<string, string>): void {
  const policy = gate.road.policy();
  const council = policy.councils.get('merebrook')!;
  const settings = { ...council.settings, noticeLanguage: 'cy' as const };
  gate.instead.policy = () => ({
    ...policy,
    notices: { ...policy.notices, ...notices },
    councils: new Map([['merebrook', { ...council, settings }]]),
  });
}

/** What a member is told of a leaflet that waits. */
async function noticeOf(subject: string): Promise<string> {
  const to = ['ann@plain.example'];
  const text = 'Please vote Labour on Thursday. Vote for our candidate, and put our leaflet up.';
  const raw = mail({ to: to.join(), subject, text });
  const queueId = await gate.submit({ from: MEMBER, to, raw });
  gate.forget();
  await processMessage(gate.road, queueId);
  await gate.work();
  expect(await gate.statuses(queueId)).toEqual(['held']);
  const [notice] = world.inward.messages().slice(-1);
  expect(notice?.rcptTo).toEqual([MEMBER]);
  return notice?.data.toString() ?? '';
}

describe('a council whose notices are in Welsh', () => {
  it('writes to its members in Welsh, and says so to what reads the notice aloud', async () => {
    inWelsh({ 'held.cy': WELSH });
    const notice = await noticeOf('One');
    expect(notice).toContain('Subject: Yn aros i gael ei gwirio');
    expect(notice).toMatch(/^Content-Language: cy\r$/m);
    expect(notice).toContain('<html lang=3D"cy">');
    expect(notice.match(/Mae eich neges yn aros/g)).toHaveLength(2);
    expect(notice).not.toContain('Waiting to be checked');
  });

  it('takes its own Welsh words before everybody’s', async () => {
    const own = WELSH.replace('Mae eich neges', 'Cyngor Merebrook: mae eich neges');
    inWelsh({ 'held.cy': WELSH, 'held.merebrook.cy': own });
    expect(await noticeOf('Two')).toContain('Cyngor Merebrook: mae eich neges');
  });

  it('writes in English where no Welsh words stand, and says that as well', async () => {
    inWelsh({ 'nudge.cy': WELSH });
    const notice = await noticeOf('Three');
    expect(notice).toContain('Subject: Waiting to be checked');
    expect(notice).toContain('<html lang=3D"en">');
    expect(notice).toMatch(/^Content-Language: en\r$/m);
  });
});
