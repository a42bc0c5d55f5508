import type { SignalRow } from './campaign-signals.ts';

const LITERATURE =
  '(?:leaflets?|literature|flyers?|focuses|calling cards|out cards|newsletters|cards|' +
  'bundles|rounds)';

/** Running a campaign: class K of domain D.7. */
export const OPERATIONS: readonly SignalRow[] = [
  [
    'K',
    0.5,
    '(?<!annual |stock |the blank |oil on |on )canvass?(?:ing|ers?|ed)?(?! (?:form|' +
      'opinion|views|bag|shoes|opinions|of|painting|the views))',
  ],
  [
    'K',
    0.7,
    'canvass(?:ing)? (?:returns?|sheets?|cards?|slips?|team|session|data|rota|script|' +
      'packs?|boards?|round|night)',
  ],
  [
    'K',
    0.5,
    `(?:deliver\\w*|drop(?:ping|s)?|push\\w*|shov\\w*|doors|stuff\\w*|post\\w*|fold\\w*|` +
      `round\\w*|bundles?|letterbox\\w*|left|mats?) ~ ${LITERATURE}`,
  ],
  [
    'K',
    0.4,
    `${LITERATURE} ~ (?:deliver\\w*|drop\\w*|doors?|round|rounds|left|bundles?|` +
      `letterbox\\w*|streets|the weekend)`,
  ],
  [
    'K',
    0.3,
    'leafletting|leafleting|(?:our|my|your|her|his|a|second|first|next|final|' +
      'last) (?:\\w{1,10} )?(?:leaflets?|literature)',
  ],
  ['K', 0.4, 'bundles? (?:is|are|will|on|in|at|for)|deliver to (?:%N) (?:and|street|road)'],
  ['K', 0.5, '(?:on|at) the doorsteps?|doorstep(?:s|ping)? (?:session|team|says|test)?'],
  [
    'K',
    0.5,
    'door-? ?knock(?:ing|ed|ers?)?|knock(?:ing|ed)? (?:on )?(?:some |a few |every |' +
      'those |the |\\d+ )?doors(?! to ask)|(?:every|sixty|forty|hundred|' +
      '\\d+) doors?(?= from| on| in| to|\\.|,)',
  ],
  [
    'K',
    0.4,
    '(?:have|get|got|want|like|need|getting|be) (?:%N|the \\w{1,14}|it|them|that|' +
      'those) knocked',
  ],
  [
    'K',
    0.7,
    'knock(?:ing|ers?)?[\\s-](?:them )?up(?: (?:sheets?|lists?|teams?|rota))?(?= |\\.|,|$)',
  ],
  [
    'K',
    0.5,
    '(?:telling|tellers?)(?: (?:at|on|outside|duty|rota|slips?|slots?|numbers?|shifts?|' +
      'for (?:us|the party|%P)))',
  ],
  [
    'K',
    0.5,
    '(?:tak(?:e|ing)|collect(?:ing)?|run(?:ning)?) (?:the |down |their )?(?:polling |' +
      'poll card |elector )?numbers',
  ],
  ['K', 0.5, '(?:our|my|the ward|polling[\\s-]day|party) committee rooms?'],
  [
    'K',
    0.5,
    "(?:waverers?|undecideds?|don't knows|switchers|(?:strong|firm|our|solid|soft|" +
      'good) promises|definites|probables|possibles|pledges? (?:sheet|list|card)s?|' +
      '(?:promised|pledged) (?:us|me|their vote|to us|his whole|her whole|a vote))',
  ],
  [
    'K',
    0.6,
    '(?:swing|target|marginal|key|battleground|winnable|squeeze|soft) (?:streets?|' +
      'voters?|seats?|wards?|lists?|doors|roads|vote|areas|households|\\w{1,12} vote)',
  ],
  [
    'K',
    0.6,
    'contact (?:rates?|creator)|vote share|share of the vote|voter (?:contacts?|data|' +
      'file|lists?)|\\d+ (?:contacts|conversations|voter)|which way (?:they|he|she|' +
      'people) (?:are |is )?lean\\w*',
  ],
  ['K', 0.6, 'marked (?:register|up register|copy of the register)'],
  [
    'K',
    0.6,
    'phone ?-?bank(?:s|ing)?|ring(?:ing)? round ~ (?:support|vot|poll|ward|members)\\w*|' +
      'calling script|telephone canvass\\w*',
  ],
  [
    'K',
    0.7,
    'gotv|(?:get|getting|pull|pulling|turn|turning|bring|bringing) (?:out )?(?:the|our|' +
      'her|his|their) (?:own )?(?:vote|voters|people|supporters|promises|pledges|' +
      'lot)(?: out)?',
  ],
  [
    'K',
    0.5,
    '(?:lifts?|cars?|minibus|run|transport|drive|taxi) ~ (?:to|down to|' +
      'for) (?:the )?(?:polls?|polling (?:stations?|day)|vote|supporters|voters)',
  ],
  ['K', 0.4, 'our (?:\\w{1,10} )?(?:supporters|voters|activists|helpers|canvassers|deliverers)'],
  [
    'K',
    0.5,
    '(?:stake ?-?boards?|garden (?:boards?|posters?|signs?)|window (?:bills?|posters?)|' +
      'big boards|correx|(?:take|have|display|put up|show|want|wants|need) (?:a|an|our|' +
      'one of our|another|some) (?:\\w{1,10} )?(?:poster|board|placard|stake)s?)',
  ],
  [
    'K',
    0.3,
    '(?:our|my|her|his|their|%P|re-?use the) (?:\\w{1,10} )?(?:posters?|boards?|' +
      'placards?)|boards? (?:up|on the ring road|out)|posters? (?:up|out) in',
  ],
  ['K', 0.5, 'street stalls?|(?:party|our|the %P|campaign) (?:stall|gazebo)'],
  ['K', 0.4, 'activists?|campaigners|paid organiser'],
  [
    'K',
    0.4,
    '(?:regional|campaign|party|area|national|county) (?:organisers?|office|director|hq|' +
      'headquarters)',
  ],
  [
    'K',
    0.5,
    '(?:election|my|her|his|their|ward|council|re-?election) campaign|campaign (?:hq|' +
      'office|headquarters|team|trail|literature|page|launch|plan|diary|manager|funds?|' +
      'materials?|leaflets?|group|video|photo|slogan|message|strategy|meeting|day|weekend|' +
      'song|stickers?|badges?|boards?|planning|data)',
  ],
  [
    'K',
    0.4,
    '(?:our|the|to the|for the|us) campaign(?! (?:to save|for a|against|for the|to keep|' +
      'to stop))|campaigning(?! (?:to save|against|for a|for the|in the interval))',
  ],
  ['K', 0.4, 'manifestos?|(?:bus|parks?|tax|housing|key|top|five|six|three|our|her|his) pledges?'],
  [
    'K',
    0.3,
    '(?:we|I|she|he) launch(?:es)? (?:on|in|at|with)|pledged to (?:freeze|cut|scrap|' +
      'reopen|keep|build|stop|save)',
  ],
  ['K', 0.5, 'imprints?|(?:published|printed) by (?:%N|[a-z]\\.? %N) ~ \\d+'],
  [
    'K',
    0.3,
    '\\d[\\d,]* (?:a5|a4|a3|leaflets|copies|posters|cards|flyers)|(?:thousand|' +
      'hundred) (?:a5|a4|a3|leaflets|posters|cards|flyers|window)|print run|headline|' +
      'front page|back page',
  ],
  ['K', 0.4, '(?:stuff\\w*|address\\w*|filling|fill) (?:of )?(?:the )?envelopes'],
  [
    'K',
    0.3,
    '(?:lend|give|spare|do) (?:us|me) (?:an hour|a hand|an evening|a couple)|' +
      'an hour (?:of|at|on|to)|(?:every|any) (?:evening|night|hand)',
  ],
  [
    'K',
    0.3,
    '(?:tell|ring|ask|bring|text|get) (?:your |all your |five |ten |a |all |everyone|' +
      'everybody|anyone)(?:\\w{1,8} )?(?:mum|friends?|neighbours?|family|mates|' +
      'on that side|at the)|spread the word|pass it on|share it|change your (?:profile|' +
      "picture)|if you(?:'ve| have) family",
  ],
  [
    'K',
    0.4,
    'postal votes? ~ (?:supporters|our|promises|sign\\w* up|drive|harvest|campaign|sweep|' +
      'for us)|(?:sign up|signing up) ~ postal',
  ],
  [
    'K',
    0.3,
    '(?:\\w{1,8} )?(?:points?|votes|short|seats) (?:behind|ahead|in it|short|off)|' +
      '(?:forty|\\d+|hundred) short|by \\d+ votes last|last time it was|our (?:numbers|' +
      "figures|data) say|our polling|it (?:will|'ll|is going to) be (?:tight|close|" +
      'very close)',
  ],
  [
    'K',
    0.3,
    '(?:quote|line or two|photo|picture|photograph\\w*) ~ (?:for|on|in) (?:my|our|her|' +
      'his|the) (?:leaflet|literature|address|campaign|election)',
  ],
  ['K', 0.3, 'pack the (?:front|hall|room|meeting)|with our people'],
  ['K', 0.3, 'slogans?|strapline|deserves better|time for (?:a )?change|winning here'],
];

/** Membership and money for a party: class M. */
export const MONEY: readonly SignalRow[] = [
  [
    'M',
    0.6,
    'fighting fund|war[\\s-]chest|(?:campaign|election|by-?election) (?:fund|funds|chest|' +
      'kitty|pot|costs|coffers|appeal|expenses|budget|account)',
  ],
  [
    'M',
    0.5,
    '(?:proceeds|every penny|penny|money|profits?|takings|raised|all of it|pounds?|' +
      'donat\\w*|goes|towards|contribut\\w*) ~ (?:to|for|' +
      'towards) (?:the )?(?:\\w{1,12} )?(?:%P|party|campaign|election|branch|association|' +
      'constituency|candidate)',
  ],
  [
    'M',
    0.5,
    'donat(?:e|es|ed|ion|ions|ing) ~ (?:party|campaign|%P|candidate|election|branch|' +
      'leaflet\\w*|agent)',
  ],
  [
    'M',
    0.5,
    '(?:(?:%P|branch|association) membership|party members?(?:hip)?|branch members?|' +
      '(?:party|%P|branch|association) (?:subs|subscription|card|fees))|' +
      '(?:re-?)?join(?:ing)? (?:the )?(?:party|%P)|membership (?:card|cards|drive|renewal|' +
      'secretary|lapsed)|paid-?up members|party member',
  ],
  [
    'M',
    0.4,
    '(?:party|branch|association|constituency|clp|%P) (?:agm|fund-?raisers?|dinner|quiz|' +
      'raffle|treasurer|funds|kitty|social|auction|supper|lunch|bbq|barbecue|coffers|' +
      'conference|draw|standing order)',
  ],
  [
    'M',
    0.3,
    'fund-?rais\\w*|raffle|auction of promises|cheese and wine|tickets? (?:are|is)|' +
      'quiz night|[£€]\\d+ (?:a head|a ticket|to my|a month)',
  ],
  ['M', 0.4, '(?:my|our|her|his|the) (?:crowd-?funder|gofundme|fundraising page)'],
  [
    'M',
    0.5,
    'come (?:over )?to us|cross the floor|(?:come|cross) over to (?:us|%P)|defect(?:ed|' +
      'ing|ion)? (?:to|from)|(?:make|made) you (?:very )?welcome',
  ],
  [
    'M',
    0.3,
    '(?:standing order|direct debit) ~ (?:branch|party|campaign|month)|\\b(?:could|' +
      'can) the branch',
  ],
];
