import type { SignalRow } from './campaign-signals.ts';

/** The poll itself: says what the rest is about, asks for nothing. */
export const ELECTION_TALK: readonly SignalRow[] = [
  ['E', 0.3, 'by-?election'],
  ['E', 0.3, '(?:polling|election|eve of poll)[\\s-]?(?:day|night)?(?= |\\.)|elections?'],
  ['E', 0.3, 'ballot ?box|the polls|polling (?:station|day)|the count|at the poll'],
  [
    'E',
    0.3,
    '(?:votes|goes to the polls|go to the polls|chooses|decides) (?:on|this|in|next|again)',
  ],
  ['E', 0.2, '(?:in|this|next|come|before|till|until|by|since) may(?! (?:I|we|you|be))'],
];

/** Tokens of belonging other than a party's name. */
export const BELONGING: readonly SignalRow[] = [
  ['P', 0.3, 'rosettes?'],
  [
    'P',
    0.3,
    '(?:red|blue|yellow|orange|green|purple|turquoise|teal|party) (?:diamonds?|stickers?|' +
      'rosettes?|team|lot|brigade|side|corner|colours|wave|wall|rose|posters?|army)',
  ],
  ['P', 0.2, 'wear(?:ing)? (?:the |your |something )?(?:red|blue|yellow|orange|green|purple)'],
  [
    'P',
    0.3,
    '(?:the other|his|her|their|that|your) (?:lot|mob|shower)|(?:the )?other (?:side|' +
      "party|team|parties)|our opponents|the opposition(?!'s (?:leader|spokes))",
  ],
  ['P', 0.2, '(?:my|our|his|her|their|the|ward|local|only) party(?! (?:wall|tent|bag))'],
  ['P', 0.2, '(?:ward|constituency|party|our|my|the) (?:branch|association|clp)'],
  ['P', 0.2, 'comrades?|fellow (?:members|activists)|friends of the party'],
  [
    'P',
    0.2,
    '(?:an?|as|your|vote|the) (?-i:Independent|independent)(?! (?:review|panel|remun|' +
      'living|person|expert|asses|inquiry|school|member|chair|adv|report|engin|inspec|' +
      'survey|audit|valu|visit))',
  ],
];
