import { describe, expect, it } from 'vitest';
import { kindsOf } from './mail-of.ts';

const CHAINS: [subject: string, body: string][] = [
  [
    'St Anthony',
    'Send this to nine friends within four days and a wish will come true. Joan broke the chain and lost her purse.',
  ],
  [
    'Fwd: Fwd: WARNING',
    "A gang is leaving dead needles on pump handles. My sister's friend works at the hospital and it's genuine. Forward to everyone you know.",
  ],
  [
    'FW: virus alert',
    'If you get an e-mail called "Olympic torch" do not open it! It wipes your hard disk. Microsoft has confirmed it. Please pass this on to all your contacts.',
  ],
  [
    'good luck totem',
    'This letter has been around the world nine times. Copy it and send to ten people you wish luck. Do not keep it. Something good will happen within 4 days.',
  ],
  [
    'one for the lads',
    'A vicar walks into a bar with a heron on his head. The barman says, where did you get that? The heron says, church fete. Pass it on!',
  ],
  [
    'Fw: Fw: Fw: knock knock',
    "Knock knock. Who's there? Council. Council who? Council not found, please hold. send it round",
  ],
  [
    'easy money',
    'Put your name at the bottom of the list and post five pounds to the person at the top. Recruit six friends and by Easter you get thousands. Keep it going!',
  ],
  ['bets', 'use my code and we both get a tenner, tell all your mates'],
  [
    'Fwd: candle',
    'This candle was lit on 5 May. Please do not let it die. Light it and pass it on to everyone you love before midnight and an angel will visit.',
  ],
  [
    'Friday funny',
    'How many planners does it take to change a bulb? None, it is a material consideration. This made me laugh, forward to all your friends.',
  ],
];

const ORDINARY: [subject: string, body: string][] = [
  [
    'Road closure',
    'Please pass this on to your neighbours: Mill Lane shuts on Monday for ten days.',
  ],
  [
    'Consultation',
    'Please share this with as many people as you can. The survey closes at midnight on Friday.',
  ],
  [
    'Lost dog',
    'A brown terrier was found by the lock. If you know the owner, please ring the warden. Please share.',
  ],
  ['Good luck', 'Good luck to the under-tens on Saturday, and do send me a picture.'],
  [
    'Supply chain',
    'The contractor says that the supply chain broke down. I will forward the letter to the four parish councils.',
  ],
  [
    'Re: Fwd: WARNING',
    "Please don't forward these, Bert. It's a hoax, it has been going round for twenty years.",
  ],
  [
    'Scam warning',
    'Trading Standards warn of callers who say they are from the bank. Never give your PIN, and tell your older neighbours.',
  ],
  [
    'Funny thing',
    'It made me laugh that the sign is upside down. Could Highways look at it please?',
  ],
  ['Food bank', 'Could each of you ask five friends for a tin? Drop them at the chapel by Sunday.'],
  ['Volunteers', 'Forward this to anyone who might help at the polling station tea urn.'],
  [
    'Christmas lights',
    "The angels on the high street are up. Don't break anything when you take them down!",
  ],
  [
    'Grant',
    'The trust will match every pound. Sign up through the link on our page and tell your members.',
  ],
];

describe('the chain-letter detector', () => {
  it.each(CHAINS)('sees %s', async (subject, body) => {
    expect(await kindsOf({ headers: [`Subject: ${subject}`], body })).toEqual(['chain-letter']);
  });

  it.each(ORDINARY)('passes %s', async (subject, body) => {
    expect(await kindsOf({ headers: [`Subject: ${subject}`], body })).toEqual([]);
  });

  it('does not blame a reply for the chain that it quotes', async () => {
    const body = `Take me off your list, Bert.\n\nOn Monday Bert Oakes <bert@sky.com> wrote:\n> ${CHAINS[0]?.[1]}`;
    expect(await kindsOf({ headers: ['Subject: Re: St Anthony'], body })).toEqual([]);
  });

  it('counts what is forwarded', async () => {
    const body = `-------- Forwarded Message --------\nFrom: Bert <bert@sky.com>\nSubject: St Anthony\nDate: Monday\n\n${CHAINS[0]?.[1]}`;
    expect(await kindsOf({ headers: ['Subject: Fwd: St Anthony'], body })).toEqual([
      'chain-letter',
    ]);
  });

  it('reads a long hostile text', async () => {
    const body = 'send this to ten and any of us, each friend '.repeat(20_000);
    expect(await kindsOf({ body })).toEqual([]);
  });
});
