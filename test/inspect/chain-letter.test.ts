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
  [
    'Fwd: lucky bamboo',
    'Light a tea candle and send to twelve women who make you smile. In 48 hours good news. My niece got the keys to her flat.',
  ],
  [
    'FW: car park scam!!',
    'Men at the retail park are spraying perfume that knocks you out. Happened to a friend of a friend. Tell every woman you know.',
  ],
  [
    'please read to the end',
    'If you love your mum copy this and put it on your status. 93% will not. Send to 15 people or lose the one you love.',
  ],
  [
    'Fw: Irish luck',
    'May the road rise. Pass to seven good people by Sunday and watch what happens on day four. If you delete this you get seven years of cold chips.',
  ],
  [
    'golf one',
    'Two golfers on the eleventh and a funeral goes by. Chap takes off his cap. "That was decent of you." "Well, we were married thirty years." Send it on',
  ],
  [
    'FW: FW: FW: mother in law',
    'My mother-in-law says she will dance on my grave so I am being buried at sea. Pass it on lads',
  ],
  [
    'whatsapp will charge',
    'From Saturday WhatsApp will cost 2p a message unless you forward this to everybody in your contacts. It is official, it was on the radio.',
  ],
  [
    'kindness chain',
    'I am taking part in a recipe exchange. Send a recipe to the person in position 1, add your name in position 2 and send to 20 friends. You get 36 recipes. Do not break the chain.',
  ],
  [
    'bank error',
    'Gold circle: eight of us put in 50 quid, get four people below you and you come out with 400. My sister has had hers. Who is in? pass it about',
  ],
  [
    'prayer of St Jude',
    'Say it nine times a day, and by the ninth day your request will be granted. Publish it and pass to others, it has never been known to fail.',
  ],
  [
    'Fwd: Fw: dad joke',
    'What do you call a councillor with no ward? Homeless. Send to ten colleagues',
  ],
  ['', 'Knock knock. Who is there? Bin. Bin who? Been waiting a fortnight. pass on'],
  [
    'New virus warning',
    'Do not accept any message called Dance of the Pope. It formats your phone. Please forward this to as many people as you can.',
  ],
  [
    'sick child',
    'Little Amy has days left and the hospital gets 3p each time this e-mail is forwarded. Please send it to everyone you know.',
  ],
  [
    'free vouchers',
    'Marks are giving everyone a £75 voucher for their birthday. Just forward to 20 friends and click the link. It really works, mine came.',
  ],
  [
    'crypto pals',
    'Sign up with my code, you get £20 and I get £20, then get five more under you. Share with your group.',
  ],
  [
    'limerick',
    'There was an old fellow from Diss, who sent round a limerick like this. Send it round the allotments, made me howl',
  ],
  [
    'Angel card',
    'You have been touched by an angel. Send this to 7 friends incl me. If I do not get it back I will know.',
  ],
  [
    'FW: FW: the parrot',
    'A parrot in a pet shop says two rude words. The nun says I will have him. Had to share, pass along.',
  ],
  [
    'St Christopher',
    'This medal brought a lorry driver home. Send to six travellers you love, and do not let it stop with you, or the road turns against you.',
  ],
  [
    'syndicate',
    'Each of you bring in three at a tenner, they bring in three, I take a slice and so do you. Doubles every week.',
  ],
  [
    'Fwd: read this!!',
    'Apparently they are putting razor blades on the slides at play parks. My lad’s teacher got it from the police. Share with every parent you know',
  ],
  ['hug', 'You have been hugged. Hug back and send on to ten others or it is a month of drizzle'],
  [
    'FW: why I am late',
    'Boss: why are you late? Me: there was a sign saying school ahead, go slow. Lol, send to everyone at work',
  ],
  [
    'Do not ignore',
    'A boy in Leeds ignored this and his dog went bald. Forward within the hour to 8 friends and your football team will win.',
  ],
  [
    'tax on sheds',
    'From June the government will charge for every shed. It was in a paper. Pass this to everyone before they delete it!',
  ],
  [
    'bet club',
    'Get your first bet free with my link, I get a free spin for everyone who joins, spread it round the darts team',
  ],
  [
    'poem',
    'A friend is like a teapot. If you are reading this you are loved. Now send it to the ten people who matter and back to me.',
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
  [
    'Re: Litter pick',
    'Could you send this to all the ward groups? Ten people have signed up already, we need twenty.',
  ],
  [
    'Flood warning',
    'The Agency has issued a warning for Mere Lane. Please forward to your neighbours and check on anyone older. It is genuine, I have just spoken to them.',
  ],
  [
    'WhatsApp group',
    'Do add yourselves to the street WhatsApp. Share the link with everyone on your landing.',
  ],
  [
    'Scam alert',
    'Police have confirmed that rogue roofers are about. Please tell your friends and neighbours and ring 101.',
  ],
  [
    'Petition',
    'Please sign and share with your friends before midnight on Friday, when it closes.',
  ],
  ['Funeral', 'She made us all laugh. Please pass on the date to anyone who knew her.'],
  [
    'Tombola',
    'Ten people won the lottery syndicate prize last year and the luck may be yours: tickets a pound, at the door.',
  ],
  ['Bring a friend', 'Invite a friend to the tea dance. Bring your mates. Starts at two.'],
  [
    'Charity referral',
    'If you refer a family to the food bank we both get a record of it. Use this link.',
  ],
  [
    'Missing dog',
    'A spaniel went missing from Pump Alley on Tuesday. Please share and ring Mrs Clegg on 01632 960 111.',
  ],
  [
    'Vicar',
    'The vicar walked into the hall and asked if the mayor was coming. Can you let me know?',
  ],
  [
    'Seven days',
    'Within seven days you will receive a letter from Planning. Do not ignore it, or the appeal lapses.',
  ],
  [
    'Chain',
    'The mayoral chain is broken. Please do not break it further, and send it to the jeweller.',
  ],
  [
    'Recipe',
    'Gran’s parkin. Send it to the three of us when you have typed it up? It made me smile.',
  ],
  [
    'Supply',
    'What do you call a skip this size? The contractor says eight yards. Please pass it on to Highways.',
  ],
  [
    'Angels',
    'The Angel Inn is closing on the 9th. Share with your members before midnight tonight if you want to book.',
  ],
  [
    'Hoax call',
    'I was told my bank card had been cloned. It is a hoax, do not pass on any details, and tell everyone you know.',
  ],
  [
    'Leafleting',
    'Each of us takes two hundred copies, and each person passes ten to the next street.',
  ],
  [
    'Re: doctor',
    'The doctor says the surgery will move. Why did the trust not consult? Please forward it to all patients on the list.',
  ],
  [
    'Survey',
    'If everyone sends this to five neighbours we shall have a proper sample. Closes in 10 days.',
  ],
  ['Allotment', 'Six of you owe me a tenner for the water. Please pass it on to the treasurer.'],
  [
    'Re: slide',
    'The blade on the play park slide was a bottle top. Parks have checked. Please tell the parents who asked.',
  ],
  ['Welcome pack', 'Please send it to the ten families who moved in last month.'],
  ['Quiz', 'Joke of the night goes to Reg. Two pensioners shared the bottle. Thanks for coming.'],
  ['Agenda', 'Please circulate to all members. The chair says that item 4 is withdrawn.'],
  ['Councillor grant', 'Each of us gets 500 pounds to give. I will give mine to the scouts.'],
  ['Luck', 'Better luck next year with the Britain in Bloom judges.'],
  ['Angel Street', 'The angel will come down for repair. Within three days the road will be open.'],
  [
    'Credit union',
    'Join with the link on their site and you both get a free passbook. Savings are safe there.',
  ],
  ['Fwd: Fwd: bus times', 'New times attached. Please pass them on.'],
  ['Thanks', 'You made me laugh on Thursday. Forward the minutes to everyone when you can.'],
  ['School', 'Three blokes in a van took the old railings. If anyone saw them ring the office.'],
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
