import { z } from 'zod';
import { inspectKey } from '../../pgp/keys.ts';
import { conflictsOf, takeKey, trustKey } from '../../pipeline/key-custody.ts';
import { transaction } from '../../store/connect.ts';
import { findKey, listKeys, setKeyState, type StoredKey } from '../../store/keys.ts';
import { allowedTo, formErrors, goTo, notFound, view, type Page, type Route } from '../route.ts';

const KEYS = allowedTo('keys');
const SOON_DAYS = 30;
const KEY_BYTES = 512_000;

async function list(page: Page) {
  const keys = await listKeys(page.services.road.db);
  const conflicts = conflictsOf(keys);
  const soon = new Date(page.at.getTime() + SOON_DAYS * 86_400_000);
  const shown = keys.map((key) => ({
    ...key,
    conflicts: conflicts.get(key.fingerprint) ?? [],
    ends: endsWhen(key, page.at, soon),
  }));
  const waiting = shown.filter(({ state }) => state === 'candidate');
  return view('keys', { keys: shown, waiting: waiting.length });
}

function endsWhen({ state, expiresAt }: StoredKey, at: Date, soon: Date): 'ended' | 'soon' | null {
  if (state !== 'trusted' || expiresAt === null || expiresAt > soon) return null;
  return expiresAt <= at ? 'ended' : 'soon';
}

async function loaded(page: Page): Promise<StoredKey> {
  const fingerprint = (page.params['fingerprint'] ?? '').toUpperCase();
  const key = await findKey(page.services.road.db, fingerprint);
  if (!key) throw notFound();
  return key;
}

async function show(page: Page) {
  return view('key', await data(page, await loaded(page)));
}

async function data(page: Page, key: StoredKey) {
  const inspection = await inspectKey(key.armored, page.at);
  const advice = inspection.kind === 'usable' ? null : inspection.advice;
  const conflicts = conflictsOf(await listKeys(page.services.road.db)).get(key.fingerprint) ?? [];
  return { key, advice, conflicts };
}

async function importPage() {
  return view('key-import');
}

async function importKey(page: Page) {
  const form = page.form(
    z.object({
      armored: z.string().trim().min(1, 'Paste the key').max(KEY_BYTES),
    }),
  );
  if (!form.ok) return view('key-import', { errors: form.errors }, 422);
  const { armored } = form.value;
  const { db } = page.services.road;
  const taken = await takeKey(db, { armored, source: 'console', at: page.at });
  switch (taken.kind) {
    case 'taken':
      return goTo(`/keys/${taken.key.fingerprint}`, 'The key is taken in.');
    case 'revoked-by-owner':
      return goTo(
        `/keys/${taken.fingerprint}`,
        'Its owner has revoked it: it is not used any more.',
      );
    case 'refused': {
      const errors = formErrors({
        armored: `This key cannot be used: ${taken.advice}`,
      });
      return view('key-import', { errors, armored }, 422);
    }
  }
}

const trusting = z.object({
  checked: z.literal('yes', 'Say that you compared the fingerprint by telephone'),
});

async function trust(page: Page) {
  const key = await loaded(page);
  const form = page.form(trusting);
  if (!form.ok) return view('key', { ...(await data(page, key)), errors: form.errors }, 422);
  const request = {
    fingerprint: key.fingerprint,
    by: page.officer.id,
    at: page.at,
  };
  const trusted = await trustKey(page.services.road.db, request);
  if (trusted.kind === 'unknown') throw notFound();
  if (trusted.kind === 'refused') {
    const errors = formErrors({ checked: trusted.advice });
    return view('key', { ...(await data(page, key)), errors }, 422);
  }
  const { retried } = trusted;
  const waiting = retried === 0 ? '' : ` ${retried} waiting deliveries are tried again now.`;
  return goTo(`/keys/${key.fingerprint}`, `The key is trusted.${waiting}`);
}

async function revoke(page: Page) {
  const { fingerprint } = await loaded(page);
  const change = {
    fingerprint,
    state: 'revoked',
    by: page.officer.id,
    at: page.at,
  } as const;
  await transaction(page.services.road.db, (tx) => setKeyState(tx, change));
  return goTo(`/keys/${fingerprint}`, 'The key is revoked, for good.');
}

export const KEY_PAGES: readonly Route[] = [
  {
    method: 'GET',
    path: '/keys',
    title: 'Encryption keys',
    access: KEYS,
    nav: 'Keys',
    handle: list,
  },
  {
    method: 'GET',
    path: '/keys/import',
    title: 'Take in a key',
    access: KEYS,
    handle: importPage,
  },
  {
    method: 'POST',
    path: '/keys/import',
    title: 'Take in a key',
    access: KEYS,
    bodyBytes: KEY_BYTES,
    handle: importKey,
  },
  {
    method: 'GET',
    path: '/keys/:fingerprint',
    title: 'Key',
    access: KEYS,
    handle: show,
  },
  {
    method: 'POST',
    path: '/keys/:fingerprint/trust',
    title: 'Key',
    access: KEYS,
    handle: trust,
  },
  {
    method: 'POST',
    path: '/keys/:fingerprint/revoke',
    title: 'Key',
    access: KEYS,
    handle: revoke,
  },
];
