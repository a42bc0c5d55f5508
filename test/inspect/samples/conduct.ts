/** [subject, text of the body]. Every third row of each table is held out. */
type Row = readonly [string, string];

export const ABUSIVE: readonly Row[] = [
  ['ref', 'You are a f*cking disgrace and so is your mother.'],
  ['re', 'what a load of sh1te, tell them to sod off the useless w@nkers'],
  ['Enough', 'You stupid cow, can you not read a map?'],
  ['warning', 'Keep your nose out or I will come round and break your legs.'],
  ['Travellers', 'Gypsies are all thieves and the sooner they are moved on the better.'],
  ['hijab', 'I do not see why a Muslim should be let near our children. They hate us and everything that we stand for.'],
  ['typing', 'oh b u g g e r off you t w a t'],
  ['job', 'The post is far too demanding for a woman, and she will only go off and have babies.'],
  ['disabled', 'Why should we waste a ramp on cripples? People like that ought to be kept at home.'],
  ['again', 'ＢＯＬＬＯＣＫＳ to the lot of you'],
  ['parade', 'I will not have perverts like you marching down our high street. Being gay is a sickness.'],
  ['you', 'I know where you live and I know where your kids go to school. Think on.'],
  ['accent', 'Learn to speak English or go back to where you came from.'],
  ['old', 'At your age you are past it and should be put out to grass, you senile old fool.'],
  ['parking', 'Move the van, arsehole.'],
  ['night', 'I hope you die in a ditch you pathetic little worm.'],
  ['Poles', 'Typical Polish, comes over here, works for nothing and drinks on the benches.'],
  ['letter', 'You are nothing but a fat ugly slag and everyone at the club says so.'],
];

export const NOT_ABUSIVE: readonly Row[] = [
  ['Scunthorpe', 'The Scunthorpe train stops at Penistone, and the shop in Cockfosters sells shiitake mushrooms.'],
  ['service', 'This is a shambles. The service is dreadful, the apology is worse, and I am sick of it.'],
  ['report', 'A resident tells me that the driver called her a "silly old cow" and a "fat bitch". Please investigate.'],
  ['daft', 'Locking the gates at four is plain daft, and I said so in March.'],
  ['cock', 'The cock pheasant sign outside the Cock Inn has come down. It weighs a ton.'],
  ['bloody', 'The Bloody Assizes talk is on Tuesday at the museum.'],
  ['dyke', 'The dyke at Fen End has been breached and the sluice is stuck.'],
  ['Equality', 'The report finds that Gypsies and Travellers suffer the worst health of any group, and asks us to act on it.'],
  ['Dick', 'Dick Turpin Close has flooded again, as Mr Dick Hancock at number 2 has been telling us since 2019.'],
  ['hell', 'It has been a hell of a week for the depot, and I take my hat off to the gritters.'],
  ['kill', 'The speed on that bend will kill somebody. I will fight for lights until we get them.'],
  ['women', 'Women feel unsafe on the towpath after dark. Could the lamps be mended before the clocks go back?'],
  ['faggots', 'Faggots and peas at the Legion on Friday, £4.'],
  ['hate crime', 'He reported that he had been called a Paki on the bus. It is a hate crime and I would like the police to treat it as one.'],
  ['contract', 'You have cancelled nine times in a month. Fix it or hand back the contract.'],
  ['mosque', 'The mosque has asked for two disabled bays for Friday prayers. I support the request.'],
  ['assessment', 'The assessment of bass classes in Essex and Sussex was passed on to the analyst.'],
  ['rubbish', 'The rubbish has been left again and the pigeons have had it all over the street. It makes the place look a tip.'],
];

export const CRITICISM: readonly Row[] = [
  ['press', 'Cllr Ivory is a liar and she has been in the developer’s pocket for years.'],
  ['reference', 'Between ourselves, I would not employ her as a planning officer again. She is idle and makes things up.'],
  ['Leader', 'Councillor Bexley could not run a bath. He is vain, lazy and not up to the job.'],
  ['officers', 'The chief executive is incompetent and ought to be sacked.'],
  ['Mr Dodd', 'The enforcement officer, Mr Dodd, is a bully with a clipboard. Nobody trusts him.'],
  ['quote', 'You may quote me: the Mayor is a drunk and an embarrassment to the town.'],
  ['Halliwell', 'Halliwell only votes for it because his brother-in-law owns the field. He is as bent as a nine bob note. Some councillor!'],
  ['recruit', 'Our head of housing is leaving, thank God. The man is a snake and I pity whoever gets him next.'],
  ['fellow member', 'I have never met a more two-faced councillor than Imogen. She would sell her granny for a headline.'],
  ['tree officer', 'Your tree officer is a useless article who could not tell an oak from an oboe.'],
  ['clerk', 'The democratic services officer is thick as two short planks, and spiteful with it.'],
  ['Cllr Foden', 'Has anybody smelt Cllr Foden’s breath before noon? That is your vice-chair for you, drunk again.'],
  ['director', 'The director is corrupt. I cannot prove it but everybody at the club knows that he takes backhanders.'],
  ['member', 'Cllr Drabble is an ignorant oaf who never reads his papers.'],
  ['monitoring', 'Our monitoring officer is a coward who hides behind her emails and plays favourites.'],
];

export const NOT_CRITICISM: readonly Row[] = [
  ['decision', 'I think Cllr Ivory is wrong about the cemetery and I shall vote against her motion.'],
  ['complaint', 'Dear Monitoring Officer, I wish to make a formal complaint under the Code of Conduct about Cllr Drabble, who was rude and bullied the clerk.'],
  ['service', 'I quite agree, the planning service has been useless and you have been let down by the council.'],
  ['report', 'The officer’s report is poor. It is muddled, late and ignores the flood map.'],
  ['praise', 'The tree officer was brilliant and nothing like as lazy as people say of councils.'],
  ['company', 'The contractor’s manager is incompetent and your drivers are liars.'],
  ['thanks', 'Please thank the housing officer, who worked until midnight for us.'],
  ['vote', 'Cllr Bexley voted for the closure. I did not, and I regret it very much.'],
  ['Re: bins', 'You are right that the bins are a disgrace. I have told Councillor Adlam, who leads on waste, that it is not good enough.'],
  ['delay', 'The planning officer has not replied to me for three weeks. Could you chase it, please?'],
  ['dog', 'The dog warden says that the dog is vicious and its owner is a bully.'],
  ['MP', 'The minister is out of touch and his department has been useless.'],
  ['apology', 'I was rude to Cllr Foden on Tuesday and I have apologised to him. It was late and I was tired.'],
  ['scrutiny', 'I have asked the director to explain the overspend. The figures do not add up and the committee is not happy.'],
  ['disagree', 'Mohan, we shall never agree about speed bumps, but you made a fair case and I enjoyed the argument.'],
];

export const COMMERCIAL: readonly Row[] = [
  ['offers', 'New stock in at the shop, 20% off curtains till Saturday, free measuring. Call in and see us.'],
  ['flat to let', 'My two-bed flat on Station Road is to let from June, £750 a month plus deposit. Viewings at weekends.'],
  ['crypto', 'I have doubled my money with this coin in six weeks. Put in £200 through my link and I get a bonus as well as you.'],
  ['quote', 'Our firm can do your roof for £4,200 plus VAT. I will knock off ten per cent if you book by Friday.'],
  ['sweepstake', 'Grand National sweep, £2 a horse. Or join my tipster group, five winners last week.'],
  ['Car for sale', 'Selling the Corsa, 62k on the clock, MOT till May, £1,900 ono.'],
  ['parties', 'I am now a rep for Glowlily skin care. Host a party and earn free products, or join my team and be your own boss.'],
  ['eggs', 'Free range eggs £2 a dozen from our farm gate, and logs by the load. Ring Imogen to order.'],
  ['invoice', 'Please find attached the invoice from my consultancy for the March work. Payment within 30 days to the business account.'],
  ['wedding', 'My daughter and I do wedding cakes from £180. See our price list, and there is a discount for neighbours.'],
  ['wholesale', 'Can you send your trade price for forty boxes of tiles for my shop? I will pay on delivery.'],
  ['accumulator', 'I fancy Stanwick to win at 7/2. Get a tenner on for me, and here is my referral code for a free bet.'],
  ['holiday let', 'Our cottage at Mere Bay has weeks free in August, £640 the week, sleeps six. Book direct and save.'],
  ['van insurance', 'Please renew the policy on my two business vans and add my nephew as a driver.'],
  ['lessons', 'Piano lessons at my house, £18 the half hour, first one free. Spaces on Tuesdays.'],
];

export const NOT_COMMERCIAL: readonly Row[] = [
  ['fête', 'The church fête is on Saturday. Cakes, tombola, raffle tickets £1 a strip, all in aid of the roof.'],
  ['market', 'The stallholders say that the rent has gone up to £28 a pitch, and that two have left. Could officers meet them?'],
  ['tender', 'Three firms have tendered for the roof. The lowest price is £42,000 plus VAT and the panel meets on Friday.'],
  ['shop', 'Mrs Rahman’s shop has had no bins for a month and she is losing customers. Can waste call on her?'],
  ['grant', 'My ward grant of £500 for the boxing club’s gloves is approved. Please pay it to the club.'],
  ['business rates', 'The baker on the high street cannot pay his business rates, and asks about small business relief.'],
  ['invoice', 'The invoice for the hall hire is £60, please charge it to my ward budget.'],
  ['betting shop', 'Residents object to a third betting shop on the parade. The licence is heard on the 5th.'],
  ['scam', 'Please warn people about the crypto scam. An elderly couple lost £2,000 to a man who promised to double their money.'],
  ['bus fares', 'The fare is now £3 and a weekly ticket is £14. I have asked for a discount for students.'],
  ['sale', 'Cabinet agreed the sale of the old depot for £1.2m. The buyer will build forty flats.'],
  ['housing', 'The tenant says that the landlord wants £750 a month and a deposit for a flat with no boiler.'],
  ['garden waste', 'The sticker is £40 a year, and you can order it online.'],
  ['insurance', 'The council’s insurer has agreed to pay for the wall.'],
  ['race night', 'Hospice race night, £5 a ticket with pie and peas. All proceeds to the hospice.'],
];

export const CREDENTIAL: readonly Row[] = [
  ['login', 'My password is Tuppence42! if you need to get in.'],
  ['portal', 'User cressida.i pwd: Br1dge-four, do not write it down.'],
  ['code', 'The one-time code is 448 201, be quick.'],
  ['alarm', 'PIN for the door is 4471.'],
  ['key', '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----'],
  ['zip', 'Password for the zip: harvest-Moon77'],
];

export const NOT_CREDENTIAL: readonly Row[] = [
  ['policy', 'The password policy says that it must be twelve characters long and is changed every year.'],
  ['help', 'I have forgotten my password. Is it possible to reset it?'],
  ['pin', 'Please pin the notice to the board. The pin is in the drawer.'],
  ['phone', 'The helpdesk PIN reset line is 01632 960000.'],
  ['password', 'My password is expired and the system is slow.'],
  ['attached', 'The password is in a separate message.'],
];
