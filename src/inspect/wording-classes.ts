import { PERSON_CLASSES } from './person-classes.ts';

/**
 * Ways of saying one thing, by what is said: the model of wording weighs these, and a class speaks
 * for words of it that no training message held. Each is a pattern in the notation of `phrase`.
 * Welsh words stand beside the English ones, with their mutations: there is little Welsh mail to
 * learn them from.
 */
export const WORD_CLASSES: Readonly<Record<string, string>> = {
  // Campaigning
  canvass:
    'canvass\\w*|(?:on|knock\\w*) (?:the |some |a few |every |\\w+ )?doors?|doors?tep\\w*|' +
    'door[- ]knock\\w*|knock(?:ing|ed|er)?[- ]?up|tellers?|telling (?:slot|rota|duty)s?|' +
    'clipboards?|walk ?sheets?|street (?:list|captain|lead)s?|road reps?|contact (?:rate|' +
    'sheets?)|\\d+%? contacts?|(?:our|the|\\d+|soft|firm) (?:promises|pledges|probables|' +
    'possibles|waverers|undecideds?|switchers|supporters)|dead against|marked register|' +
    'get[- ]out[- ]the[- ]vote|gotv|(?:last|final|big|one) (?:push|sweep|heave)|odds (?:on|' +
    'and|first)|doors? (?:script|rota)|never been knocked|vote sheets?|canvassers|our ' +
    '(?:data|sheets|list|returns)|tick\\w* them off|phone ?bank\\w*|ring round|day of ' +
    'action|action day|on the stump|out every night|(?:c|g|ch)anfas\\w*|d?drysau',
  print:
    'leaflet\\w*|fly(?:er|ier)s?|calling cards?|(?:my|our|his|her|the|blue|red|orange|' +
    'green) cards?|boards?|stakes?|corr?ex|posters?|banners?|placards?|rosettes?|badges?|' +
    'stickers?|proofs?|envelopes?|freepost|riso|newsletters?|focus|in ?touch|literature|' +
    'print (?:bill|run|shop)|printers?|a5|a4|through (?:every |the |all |your )?(?:doors?|' +
    'letter ?box\\w*)|deliver(?:y|ing) round|gazebo|megaphone|loudhailer|loud ?hailer|' +
    'street stall|stall|bar (?:chart|graph)|(?:t|d|th)aflen\\w*|[bp]oster\\w*|stondin',
  candidate:
    "candidat\\w*|(?:I'm|I am|I'll be|is|he's|she's|we're|are|I've been|who's|am|be) " +
    '(?:also |again )?(?:stand(?:ing)?|up again|up for (?:it|election|re)|running|going ' +
    'for it|seeking|on the (?:paper|sheet|list|ticket|ballot))|stand(?:ing|s)? (?:again|' +
    'for (?:us|the|council|my|re)|down|as an?|in (?:the|my|our))|re-?elect\\w*|selection ' +
    '(?:meeting|panel|process)|selected|(?:the |a )?short ?list\\w*|nomination\\w*|sign my ' +
    '(?:papers?|form)|my (?:nomination )?papers|(?:on|down|look for) (?:the|my|her|his) ' +
    '(?:paper|sheet|name|symbol)|paper candidates?|(?:my|the|her|his|election) agent|' +
    'seats?|winnable|majority|marginal|(?:votes?|\\d+) (?:short|behind|in it)|second last ' +
    'time|by-?election|election (?:address|expense|imprint)|hopes to follow me|throw\\w* ' +
    '(?:his|her|my) hat|ticket|running mate|slate|third from (?:the )?top|name on (?:that|' +
    'the) (?:sheet|paper)|proposers?|seconders?|assentors?|h?ymgeis\\w*|isetholiad',
  poll:
    'votes?|voting|voted|voters?|ballots?|polls?|polling(?:[- ]day)?|the count|booths?|' +
    'electio\\w*|(?:your|a|my|three|the|one|two) (?:cross(?:es)?|marks?|pencils?|x)|' +
    '(?:photo|voter) ?(?:id|card)|bring (?:your )?id|postals?|postal (?:votes?|papers?|' +
    'ones?)|(?:electoral )?register|turn ?out|proxy|purdah|pre-?election|' +
    '(?:p|b|ph|mh)leidl(?:ais|eis)\\w*|etholiad\\w*',
  pollday:
    '(?:on|till|until|after|before|by|come|for|this|next|week) (?:the )?(?:thursday|thurs|' +
    '(?:6|12)th|sixth|twelfth)|(?:the )?(?:6|12|sixth|twelfth)(?:th)?(?: of)? (?:may|' +
    'nov\\w*)|may (?:the )?6(?:th)?|nov\\w* (?:the )?12(?:th)?|(?:in|next|come|this|after|' +
    'before|till|for) may|thursday|polling day|the day itself|\\w+ (?:days|weeks?) (?:to ' +
    'go|left)|(?:one|two|six|three) (?:days|weeks) on thursday|on the (?:day|night)',
  asksupport:
    'support(?:ing)? (?:me|us|him|her|our|the)|your (?:support|backing|help|vote)|' +
    'back(?:ing)? (?:me|us|him|her|our)|behind (?:me|us|him|her)|lend (?:me|us|\\w+) ' +
    "(?:your|a)|count on (?:you|your)|see your way|(?:you'?ll |you )?know (?:what to do|" +
    'where your|which way|who)|(?:up to|over to) you|your (?:choice|spuds)|remember (?:me|' +
    'who|which|that)|mean a lot|means? the world|good word for|word (?:on|in) |do the ' +
    '(?:maths?|right thing|decent thing)|(?:chance|opportunity) to (?:say|choose|decide|' +
    'tell)|be with us|with us|on our side|with your help|stick with|give (?:me|us|him|her|' +
    "it) (?:a (?:go|chance)|another|your)|I'd be (?:honoured|grateful|glad)|one of (?:our|" +
    'your) own|tell (?:your|the) (?:lads|mum|mam|wife|husband|neighbours?|members|friends|' +
    'missus)|make (?:the|a) difference|guided by it|put (?:me|you) down (?:again|for)|' +
    'earned it|see (?:it|this|the job) through|(?:ch?|g)efnog\\w*|dros (?:ein|dy|eich|y blaid)',
  voteask:
    "(?<!(?:they|people|who|to|would|will|could|may|not|shan't|won't) )vote (?:for )?(?:me|us|" +
    'him|her|your)|vote(?:labour|greens?|reform|tory|conservative|libdem)|(?:lend|giv(?:e|' +
    'ing)|grant|spare|promise) (?:me|us|him|her|them|\\w+) (?:your|all your|both your|a) ' +
    'votes?|(?:count|rely|bank|depend|counting|relying) on your (?:\\w+ )?(?:votes?|support)|' +
    '(?:ask(?:ing)?|appeal(?:ing)?|hop(?:e|ing)|grateful|need(?:ing)?|want(?:ing)?|deserve|' +
    'earn(?:ed)?) (?:you )?(?:for |to have |to earn )?(?:your|every) votes?|(?:put|putting|' +
    'place|mark|pop|stick) (?:your|an?|his|her|that) (?:cross|x|big x) ~ (?:by|against|next|' +
    'beside|in|for|near|box|name)|re-?elect(?:ed)? (?:me|us|your|councillor|cllr)|(?:both|' +
    'two|all three|all your) votes for|(?:p|b|ph)leidlei(?:siwch|sia|sio|s) (?:dros|i)|' +
    '(?:rho|rhowch|rhoi|benthyg) (?:dy|eich|ei) (?:p|b|ph)leidlais',
  rival:
    '(?:the |that |them |this |same |other |their |this |sitting )(?:lot|mob|shower|crowd|' +
    'side|party|bunch)|opposition|opponents?|benches opposite|big (?:two|parties|party)|' +
    'socialis\\w*|lefties|uniparty|(?:red|blue|yellow) tor(?:y|ies)|the (?:reds|blues|' +
    'yellows|greens|tories|libs?)|(?:in charge|control|run\\w*|ran|had the keys|governed|' +
    'led) (?:of )?(?:this |the |our )?(?:council|town|borough|city|county|place)|years of ' +
    '(?:the|labour|tor|this|one|conserv)|into the ground|get (?:shut|rid|shot) of|(?:kick|' +
    'boot|chuck|turf|throw|vote)\\w* (?:them|him|her) out|shown the door|taken for granted|' +
    "can(?:no|')?t win|two-horse|neck and neck|wasted vote|the only (?:one|name|party|" +
    "person|candidate)|only (?:\\w+ ){1,2}can|(?:be|going to be|very|too|it's) (?:tight|" +
    'close)|nowhere|never (?:here|seen|lived)|parachut\\w*|not them|when (?:he|she|they) ' +
    'knocks?|who (?:stood|fought|shut|closed|sold|voted)|photo ?op\\w*|come over to us|' +
    'switched|defect\\w*|took it off|party line|whips?|london office|westminster|head ' +
    'office',
  partybusiness:
    'comrades?|brothers and sisters|sisters and brothers|fellow members?|(?:the|our|' +
    'conservative|ward|my) association|branch|clp|constituency|regional (?:office|day|' +
    'conference|director|organis\\w+)|campaign(?:s|ing|ers?)?(?! (?:against|to clean|for ' +
    'clean))|conference|fighting fund|fundrais\\w+|sign (?:them|up|you|him|her)\\w*|join ' +
    '(?:us|the party|link|for)|patrons?|over the limit|will be declared|manifesto|pledge ' +
    'cards?|policy forum|group leader|spend limit|short campaign|target (?:ward|seat)s?|' +
    'membership|activists?|organis(?:er|ing)|our (?:people|lot|team|candidate|man|woman|' +
    'girl|side|members|supporters|vote|crew)|the party|party (?:members?|office|hq|site|' +
    'app)|shadow minister|group leader|mp|mep|leaders name|solidarity|in this together|the ' +
    'movement|the cause|h?ymgyrch\\w*|[cg]ronfa|(?:c|g|ch|ngh)angen|aelod(?:au|aeth)|' +
    'ymaelod\\w*|y blaid|maniffesto|etholaeth',
  colour:
    '(?:red|blue|yellow|orange|turquoise|teal|purple|green|amber) (?:coat|jacket|side|tie|' +
    'team|boards?|ones?|rosette|balloons?|card|card|background|diamonds?|leaflets?|wave|' +
    'wall|flag|lot|stuff|jumper|dress|scar(?:f|ves))|(?:the|a|my) (?:rose|sunflower|' +
    'rosette|diamond|kettle|symbol|colours?)|🌹|🌻|💚|💛|🔶|🔴|🔵|wear (?:the |your ' +
    ')?(?:red|blue|yellow|orange|turquoise|green|colours)|true blue',
  helpers:
    '(?:need|want|short of) (?:more )?(?:bodies|hands|legs|feet|people|ppl|drivers|helpers|' +
    'volunteers)|(?:comfy|sensible|good|comfortable|walking) (?:shoes|boots)|meet(?:ing)? ' +
    '(?:outside|at|under|by|in|me|up)|bacon \\w+|butt(?:y|ies)|(?:chips|pint|pints|curry|' +
    'pizza|pub|cake|soup|tea) (?:on me|after|at mine|provided|and)|lifts?|people carriers?|' +
    'minibus|spare (?:an?|me|us|a couple|half)|rota|(?:\\d+|few|last) (?:doors|streets|' +
    'houses|hours)|both sides of|top end|clicker|tablet|the app|shifts?|(?:slots?|rounds?) ' +
    'left|bring (?:a|your) (?:mate|friend|mum|dog)s?|buddy|the patch|patch',
  record:
    "(?:I|we) (?:have |'ve )?(?:got|delivered|saved|secured|kept|won|fixed|fought|stopped|" +
    "found|moved|promised|said we'd|stood|brought|built|put)|(?:years|time) (?:on the " +
    'council|as your|your councillor)|working all year|stood up for|my record|our record|' +
    "for (?:local people|you|the many)|(?:will|'ll) (?:always|never|fight|reopen|freeze|" +
    'scrap|cut|open|reverse|bring|put|give|stop|open)|(?:last|next|this) time|four (?:more ' +
    ')?years|lived here|born (?:on|and|in)|working hard|track record',
  othervote:
    "people's choice|green flag|in bloom|allotment\\w*|agm|annual meeting|tenants?'? board|" +
    'society|show of hands|awards?|competition|contest|shortlist\\w*|top ten|final|tokens?|' +
    'governors?|trustees?|chair(?:man|woman|person)? of the (?:club|hall|society|governors|' +
    'trustees|allotment)|neighbourhood plan\\w*|referendum|bid ballot|union|shop steward|' +
    'leader and deputy|whip',
  notpolitics:
    'returning officer|notice of (?:election|poll)|declar\\w* (?:an? )?interests?|register ' +
    'to vote|minutes?|motions?|amendments?|recorded vote|seconded|moved|nem ?con|school ' +
    'council|agm|tenant board|strike|ballot papers? (?:are|is)|guidance|no party|(?:every|' +
    'all|each|any) part(?:y|ies)|not (?:from|on|using|by) this (?:address|e-?mail|account)|' +
    "(?:can't|cannot|won't|shan't|don't|not going to) (?:use|do|comment|say|help|discuss|" +
    'recommend|advise|tell)|(?:this|my council|council) (?:address|e-?mail|account) (?:for|' +
    'is)|standing orders?|full council|democratic services|agenda|party (?:wall|bag|popper|' +
    'invitation|food)|street party|reform (?:of|street|the)|labour (?:ward|costs?|only|' +
    'charge)|green (?:bin|belt|bag|waste|space|flag|lane)|history|19\\d\\d|18\\d\\d|' +
    'impartial|independent (?:review|examin|report|panel|advis\\w*|remun\\w*)|hustings|' +
    'polling station (?:is|for|has|moved)|electoral services|turned down|apologies|cofnodion|' +
    'swyddog canlyniadau|gorsaf bleidleisio|cynnig|gwelliant|cofrestr\\w*',
  // Abuse
  insult:
    "(?:you|your?e?|you're|u r?|absolute|utter|complete|total|stupid|fat|little|old|bloody|" +
    'useless|thick|pathetic|brainless|ugly|silly|lazy|idle) (?:a |an |absolute |utter |' +
    'bloody |sad |little |old |fat |stupid |useless |whinging |whining ){0,3}(?:toad|cow|' +
    'pig|git|tosser|pillock|prat|plonker|muppet|moron|idiots?|imbeciles?|cretins?|halfwit|' +
    'clowns?|creep|worm|rat|snake|weasel|parasite|scum|leech|disgrace|waste of \\w+|joke|' +
    'coward|bully|bastards?|pricks?|knob\\w*|bell ?end|wanker\\w*|tw[a@]ts?|arse\\w*|slag|' +
    'bitch|witch|hag|gobshite|numpty|eejit|scab|nobody|failure|waster|numbskull|donkey|ape|' +
    'animals?|vermin|lunatic|nutter|nutcase|fruitcake|spanner|article)|thick as|brain ' +
    '?cells?|brain ?dead|two short planks|colouring in|crayons?',
  profane:
    'bloody|bollocks|sod(?:ding)?|bugger\\w*|arse\\w*|crap|shit\\w*|piss\\w*|f[u*]+c?k\\w*|' +
    'f[*]+\\w*|effing|feck\\w*|damn(?:ed)?|knackers|bast[a*]rds?|w[*⚓]\\w*|tosh|cr[*]p|ffs|' +
    'wtf|stfu|f u c k|git|cow|turd|pillocks?|prats?|tits?|knobs?',
  threat:
    "(?:I|we) know (?:where|which|what|who|your)|(?:I|we)'ll (?:come|be round|find|have " +
    "you|put|shove|make|see to|sort you|knock|break|burn|finish|ruin)|(?:you'?ll|you will) " +
    '(?:be sorry|regret|pay|wish|want to be careful|find out|get what|go home)|(?:watch|' +
    'mind) (?:your|yer) (?:back|step|self)|be careful|accidents? (?:happen|were)|(?:an|' +
    'any) accident|ambulance|hospital food|brick|through (?:your|the|yer) window|(?:your|' +
    'yer) (?:daughter|son|kids|children|wife|car|house|windows|lights|front door|dog|' +
    'little)|(?:smash|batter|kick|punch|slap|thump|knock) (?:your|you|yer)|nasty|alone|' +
    'dark|small (?:town|world|borough)|sleep (?:tight|well)|think about|come (?:down|' +
    'round) (?:there|here|and|yours)|seen your|drive past|been past|or else|last warning|' +
    'hope you (?:die|get|rot|never|choke)|wants? (?:shooting|locking|hanging|stringing)|do ' +
    'you a favour|a box',
  outgroup:
    'you people|(?:you|your|that|this|these|those|them|their) (?:lot|sort|kind|type|ilk|' +
    'families|people)|(?:go|get|send|sent|take yourselves|back) (?:them |you |him |her ' +
    ')?(?:home|back)|where (?:you|they) c[oa]me? from|boats?|(?:the )?(?:plane|flight|' +
    'fare)|christian (?:town|country|nation)|our own (?:kind|people|girls|sort)|in the ' +
    'blood|breed\\w*|here first|take over|overrun|swarm\\w*|customs|speak english|english ' +
    '(?:first|here|spoken)|gyps\\w+|pikey\\w*|travellers?|foreign\\w*|immigrants?|asylum|' +
    'illegals?|muslims?|jews?|poles|polish|roma|blacks?|dark one|coloured|whites?|queers?|' +
    'gays?|lesbians?|perverts?|trans\\w*|papis\\w+|fenian|woke|cripples?|retard\\w*|' +
    'spastic|normal people|of that sort|real (?:men|women)|wailing|curry|mosque|tribe|' +
    'chief|village they|natives?|donkeys?',
  belittle:
    'princess|sweetheart|darling|little (?:lady|girl|woman|man|speech)|(?:young|good) lady|' +
    'calm down|run along|(?:your|her) (?:husband|dad|father|daddy)|(?:getting the|make the|' +
    'making the) tea|kitchen|hormon\\w*|menopaus\\w*|time of (?:the )?month|hysteric\\w*|' +
    'blonde?|pretty face|smile more|condition|at your age|past it|senile|dinosaur|put out ' +
    'to|care home|doddery|dotage|gentlemen|a woman|women|ladies first|bless (?:him|her|' +
    'you)|carer|grown ups?|know your place|did your (?:dad|mum)|good girl|babies|love ' +
    '(?:and|you)|no wonder (?:he|she)|like you',
  shutup:
    'shut (?:up|it|your)|shove (?:it|your|the)|get lost|sod off|jog on|do one|drop dead|' +
    'clear off|push off|bog off|naff off|on yer bike|off your|crawl back|go away|take me ' +
    "off|don't (?:ever )?(?:write|contact|email|bother)|sick of you|fed up (?:of|with) you|" +
    'nobody (?:asked|likes|will miss|cares)|laughs? at you|what is wrong with you|grow up|' +
    'get a life|whing\\w*|whin(?:e|ing)|moan\\w*|pathetic',
  // Trade
  sell:
    'for sale|selling|sells?|on sale|to order|orders?|buy(?:ing)?|deals?|offers?|' +
    'discount\\w*|(?:per cent|%|quid|percent) off|off for|knock\\w* (?:\\w+ ){0,3}off|' +
    'first (?:one|week|month|two months|lesson|session) (?:is )?(?:free|nothing)|half ' +
    "price|mates?[' ]?s? rates|price ?lists?|in stock|(?:new|winter|spring|summer|my) " +
    '(?:range|stock|collection|line|course|class(?:es)?)|bookings?|book (?:direct|early|' +
    'now|in|with)|diary|filling (?:up|fast)|(?:few|one|two|last) (?:slots?|spaces?|places?|' +
    'weeks?|left)|first come|deposit|quotes?|estimates?|fitted|invoices?|vat|cash(?:back)?|' +
    'commission|in it for|introduc(?:tion|er|ing)|wholesale|pallets?|(?:each|load|bag|pair|' +
    'dozen|lot|box|tray)(?: or)?|trade price|keen (?:figure|price)|competitive|(?:free|no ' +
    'obligation) (?:quote|survey|consultation|measuring|sample|talk|chat|valuation)|ono|' +
    'o\\.n\\.o|collect(?:ion)? (?:only|from|friday|saturday)|pick up|bargain|second ?hand|' +
    'dm (?:me|first)|ring (?:me|the yard|us) (?:to|for)|payment link|paypal|bank transfer|' +
    'price is|my price|same price|cheap\\w*|save (?:you|yourself)|at cost|packages?|' +
    'starting (?:at|from)|all in',
  price:
    '£ ?\\d[\\d,.]*k?|\\d+ ?(?:quid|pounds?|p each|a pop|a head|pcm|pw)|tenner|fiver|' +
    '(?:twenty|thirty|forty|fifty|fifteen|twelve|sixty|ten|five)(?:[ -]five)? (?:quid|' +
    'pounds?|each)|per (?:cent|week|hour|head|month|session)|\\d+(?:\\.\\d+)? ?(?:%|per ' +
    'cent)|\\d+\\.\\d\\d',
  trade:
    "(?:my|our|his|her|the|own|family|small|wife's|husband's|son's|brother's) (?:shop|" +
    'salon|garage|firm|business|practice|company|yard|farm|restaurant|cafe|studio|workshop|' +
    'agency|consultancy|lettings?|builders?|stall|van|vans|unit|franchise|clinic)|(?:my|' +
    'our) (?:brother|wife|husband|son|daughter|nephew|cousin|lad|lass|boys?|other half|' +
    'partner|team) (?:does|do|runs?|can|will|could|makes?|is|and I|has|sells?)|ltd|limited|' +
    'associates|& (?:sons?|co|daughters?)|plumb\\w*|roof(?:er|ing)|electric(?:al|ian)s?|' +
    'joinery|consult(?:ancy|ing|ants?)|solicitors?|will[- ]writ\\w*|accountan\\w*|' +
    'surveyors?|catering|removals|landscap\\w*|lettings?|estate agen\\w*|broker\\w*|' +
    'directors?|customers?|clients?|suppliers?|takings|turnover|profit\\w*|lease|premises|' +
    'landlords?|I (?:do|make|bake|sell|run|charge|rent|supply) (?:a |an |the |some |my |' +
    'bespoke |weekly )?\\w+',
  invest:
    'savings|invest\\w*|returns?|(?:property|guaranteed) (?:note|bond|fund|income)s?|' +
    'crypto\\w*|bitcoin|coins?|trading (?:app|platform|bot)|portfolio|passive income|' +
    'pension (?:pot|transfer)|equity|shares?|doubled? (?:my|your) money|easy money|side ' +
    'hustle|residual|premium bonds?|ground floor|opportunit\\w+|extra (?:income|cash|' +
    'money)|financial freedom|annuit\\w+|life (?:cover|insurance)|renewal|cover|policy',
  bet:
    'bets?|betting|odds|tips?|tipsters?|horses?|nags?|accumulators?|accas?|bookies?|' +
    'cash(?:ed)? out|sweep(?:stake)?|punters?|each way|\\d+/\\d+|code \\w*\\d+|referral|' +
    'bonus|winners?|casino|slots|poker|spread ?bet\\w*|free bets?|fantasy|lottery|' +
    'syndicate|to win|a flutter|stake',
  recruit:
    'sign (?:you|up|them) (?:up|under)|under me|your own boss|join my (?:team|group)|' +
    'host(?:ess)?|party at mine|downline|upline|starter (?:kit|pack)|rep for|distributor|' +
    '(?:driver|staff|cleaner|lads?|help|barmaid|trainee)s? wanted|need (?:\\d+|two|a|some) ' +
    '(?:lads?|girls?|drivers?|staff)|cash (?:fridays?|in hand)|start (?:now|monday)|self[- ' +
    ']employed|work from home|through me|via me|my link|use my|mention (?:my|this|me)',
  letting:
    'to let|to rent|sleeps (?:six|four|two|eight|\\d+)|per calendar|holiday (?:let|cottage|' +
    'home|flat)s?|cottage|caravan|villa|apartment|viewings?|vacant|free (?:in|from|all)|' +
    'weeks? (?:free|left|of)|tenants? wanted|lodger|two[- ]bed|furnished|dogs (?:welcome|' +
    'by)|view is|sea views?|hot tub',
  nottrade:
    "not (?:from|on|using|by) this|can't recommend|wouldn't be (?:right|proper)|register " +
    'of interests?|raffle|tombola|charity|hospice|in aid of|fundrais\\w*|every penny|' +
    "donat\\w*|council's|town hall|markets? office|planning|grants?|licen[cs]es?|permits?|" +
    'penalty|fee to the council|committee|trading standards|approved|ward budget|parish|' +
    'fête|fete|jumble|officers?|website|highways|residents?|budget|contractor|tender\\w*|' +
    'procure\\w*|precept|allowance',
  ...PERSON_CLASSES,
};
