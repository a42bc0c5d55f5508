import { z } from 'zod';
import { fetchKeys, type FetchedKeys } from '../../pipeline/key-directory.ts';
import { askForKey } from '../../pipeline/key-request.ts';
import { noticeTemplate } from '../../policy/notice-files.ts';
import { appendAudit } from '../../store/audit.ts';
import { allowedTo, formErrors, goTo, view, type Answer, type Page, type Route } from '../route.ts';

const KEYS = allowedTo('keys');
/** Each look-up calls a stranger's server, and each request is a letter to a stranger. */
const PER_MINUTE = 20;
const LONGEST_ADDRESS = 254;

const FORM = z.object({
  address: z
    .string()
    .trim()
    .max(LONGEST_ADDRESS)
    .regex(/^\S+@\S+\.\S+$/, 'Enter an e-mail address, like name@example.com'),
  council: z.string().max(40).default(''),
  way: z.enum(['fetch', 'ask'], 'Choose whether to look the key up or to ask for it'),
});
type Wanted = z.output<typeof FORM>;

function shown(page: Page, more: Record<string, unknown> = {}, status = 200): Answer {
  const { councils } = page.services.road.policy();
  const items = page
    .councils('keys')
    .map((value) => ({ value, text: councils.get(value)?.name ?? value }));
  return view('key-find', { address: page.query['address'], councils: items, ...more }, status);
}

async function findPage(page: Page): Promise<Answer> {
  return shown(page);
}

async function find(page: Page): Promise<Answer> {
  const form = page.form(FORM);
  if (!form.ok) return shown(page, { errors: form.errors, ...form.entered }, 422);
  const wanted = form.value;
  return wanted.way === 'fetch' ? fetchFrom(page, wanted) : ask(page, wanted);
}

function refused(page: Page, wanted: Wanted, fields: Record<string, string>): Answer {
  return shown(page, { ...wanted, errors: formErrors(fields) }, 422);
}

/** The domain is asked at once; the audit says who asked and what came, never for whom. */
async function fetchFrom(page: Page, wanted: Wanted): Promise<Answer> {
  const { db, keyDirectory } = page.services.road;
  const request = { address: wanted.address, at: page.at };
  const found = await fetchKeys(db, keyDirectory, request);
  await appendAudit(db, {
    event: 'key-fetched',
    actor: page.officer.id,
    data: { outcome: found.kind, fingerprints: fingerprintsOf(found) },
  });
  if (found.kind === 'none') {
    return refused(page, wanted, {
      address: 'The domain publishes no key for this address. Ask the recipient for it instead',
    });
  }
  if (found.kind === 'failed') {
    const address = `No key could be fetched: ${found.reason}. Try later, or ask the recipient`;
    return refused(page, wanted, { address });
  }
  const [first] = fingerprintsOf(found);
  if (first === undefined) {
    const advice = found.taken.flatMap((each) => (each.kind === 'refused' ? [each.advice] : []));
    return refused(page, wanted, { address: `The key cannot be used: ${advice[0] ?? ''}` });
  }
  return goTo(`/keys/${first}`, 'The domain publishes this key.');
}

function fingerprintsOf(found: FetchedKeys): string[] {
  if (found.kind !== 'fetched') return [];
  return found.taken.flatMap((each) => {
    if (each.kind === 'taken') return [each.key.fingerprint];
    return each.kind === 'revoked-by-owner' ? [each.fingerprint] : [];
  });
}

async function ask(page: Page, wanted: Wanted): Promise<Answer> {
  page.require('keys', { kind: 'council', council: wanted.council });
  const { road } = page.services;
  const policy = road.policy();
  const council = policy.councils.get(wanted.council);
  const words = council && noticeTemplate(policy.notices, 'key-request', council);
  if (!council || !words) {
    const address = 'The policy has no words for such a request: it needs notices/key-request.md';
    return refused(page, wanted, { address });
  }
  const asked = await askForKey(road, {
    council,
    template: words.template,
    address: wanted.address,
    reference: null,
    by: page.officer.id,
    at: page.at,
  });
  if (asked.kind === 'refused') return refused(page, wanted, { address: asked.advice });
  const said = `${asked.address} is asked for a key, in the name of ${council.name}.`;
  return goTo('/keys', `${said} The request is message ${asked.queueId}.`);
}

export const KEY_FIND_PAGES: readonly Route[] = [
  { method: 'GET', path: '/keys/find', title: 'Get a key', access: KEYS, handle: findPage },
  {
    method: 'POST',
    path: '/keys/find',
    title: 'Get a key',
    access: KEYS,
    perMinute: PER_MINUTE,
    handle: find,
  },
];
