import { addressKey, domainOf, isWithin, localPartOf } from '../mail/address.ts';
import type { RecipientFacts } from '../mail/facts.ts';
import { foldName, namesPerson, type PersonName } from './person-names.ts';
import { alternatives } from './word-list.ts';

/** Parents under which only public bodies stand. */
const PUBLIC_BODIES = `gov.uk gov.scot gov.wales llyw.cymru police.uk nhs.uk nhs.net parliament.uk
  parliament.scot senedd.wales niassembly.gov.uk mod.uk ac.uk sch.uk judiciary.uk`.split(/\s+/);

/** Words of a domain that say an organisation; whole words or ends of the domain's labels. */
const ORGANISATION = new RegExp(
  `(?:${alternatives(`
    council nhs trust school academy college primary church chapel parish housing association
    society
    union charity foundation solicitors legal law police fire hospital clinic surgery ltd group
    consulting consultants media news post gazette library museum university systems software
    services
    partnership authority lists? pc cc bc dc`)})$`,
);

/** Mailboxes of a function rather than a person. */
const ROLE = new RegExp(
  `^(?:${alternatives(`
    info office enquiry enquiries clerk admin contact secretary treasurer chair editor news press
    planning licensing support help helpdesk services? servicedesk team casework intake duty
    reception
    accounts finance invoices legal committee democratic members? councillors customers?
    customerservices? no-?reply postmaster abuse archive journal records tickets? alerts?
    notifications?`)})(?:[._-].*)?$`,
);

const COUNTRY = /^(?:[a-z]{2,7}|(?:co|com|net|org|me|ne|or)\.[a-z]{2})$/;

/**
 * True for a domain of a provider of personal mail. An entry `yahoo.*` stands for the brand's
 * domains in every country (`yahoo.co.uk`, `yahoo.fr`).
 */
export function isPersonalProvider(domain: string, providers: readonly string[]): boolean {
  return providers.some((provider) => {
    if (!provider.endsWith('.*')) return domain === provider;
    const brand = provider.slice(0, -1);
    return domain.startsWith(brand) && COUNTRY.test(domain.slice(brand.length));
  });
}

export function isPublicBody(domain: string): boolean {
  return isWithin(domain, PUBLIC_BODIES);
}

/**
 * What sort of outside account this is. Unknown domains count as personal unless the domain or the
 * local part speaks of an organisation: a councillor's own domain is the usual reason for such a
 * rule.
 */
export function accountKind(
  recipient: RecipientFacts,
  person: PersonName,
): 'personal' | 'organisation' {
  if (recipient.personalProvider || recipient.actorsOwn) return 'personal';
  const domain = recipient.domain;
  if (isPublicBody(domain)) return 'organisation';
  // The office mailbox of the councillor's own firm is as private as any.
  if (bearsName(domain, person)) return 'personal';
  if (domain.split('.').some((label) => ORGANISATION.test(label))) {
    return 'organisation';
  }
  return ROLE.test(localPartOf(addressKey(recipient.address))) ? 'organisation' : 'personal';
}

/**
 * True where an address is evidently the person's own. At a provider the local part must bear the
 * name; elsewhere the domain must bear it too, or the local part in full. A seat on a public body
 * (a county councillor's address, say) is not a private account.
 */
export function isOwnAddress(
  address: string,
  person: PersonName,
  personalProvider: boolean,
): boolean {
  const domain = domainOf(address);
  if (domain === '' || isPublicBody(domain)) return false;
  const local = localPartOf(address);
  const named = namesPerson(local, person);
  if (personalProvider)
    return named === 'full' || named === 'surname' || isNamedAlone(local, named);
  if (named === 'full') return true;
  if (named !== null) return bearsName(domain, person);
  return labelsOf(domain).some((label) => isNameLabel(label, person));
}

/** The labels of a domain below its last, folded. */
function labelsOf(domain: string): string[] {
  return foldName(domain).split('.').slice(0, -1);
}

function bearsName(domain: string, person: PersonName): boolean {
  const labels = labelsOf(domain).map((label) => label.replace(/[^\p{L}]/gu, ''));
  return [...person.surnames, ...person.givens].some(
    (name) => name.length >= 4 && labels.some((label) => label.includes(name)),
  );
}

/** `imogen1974@gmail.com`: rare enough where the given name is long. */
function isNamedAlone(local: string, named: ReturnType<typeof namesPerson>): boolean {
  return named === 'given' && local.replace(/[^\p{L}]/gu, '').length >= 5;
}

/** A domain that is nothing but the name: `terryhalliwell.co.uk`, `the-fodens.org.uk`. */
function isNameLabel(label: string, person: PersonName): boolean {
  const letters = label.replace(/[^\p{L}]/gu, '');
  const surnamed = person.surnames.some((name) => name.length >= 4 && letters.includes(name));
  return surnamed && ['full', 'surname'].includes(namesPerson(label, person) ?? '');
}
