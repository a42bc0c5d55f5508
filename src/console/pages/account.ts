import QRCode from 'qrcode';
import { z } from 'zod';
import {
  hashOfficerPassword,
  passwordAdvice,
  verifyOfficerPassword,
} from '../../pipeline/officer-password.ts';
import {
  complete,
  isTotp,
  newRecoveryCodes,
  newTotp,
  recoveryHash,
} from '../../pipeline/officer-sign-in.ts';
import { transaction } from '../../store/connect.ts';
import {
  countRecoveryCodes,
  listPasskeys,
  lockSecrets,
  removePasskey,
  removeTotp,
  setPassword,
  setRecoveryCodes,
} from '../../store/officer-factors.ts';
import { findOfficer, noteSignIn } from '../../store/officers.ts';
import { endSessions, listSessions } from '../../store/sessions.ts';
import { askToCreate, keepPasskey } from '../passkeys.ts';
import {
  atStage,
  conflict,
  formErrors,
  goTo,
  notFound,
  SIGNED_IN,
  view,
  type Page,
  type Route,
} from '../route.ts';
import { signInWorld } from '../sign-in-world.ts';

async function account(page: Page) {
  const { db } = page.services.road;
  const { id, session } = page.officer;
  const { idleMinutes } = page.services.settings;
  const [found, passkeys, sessions, codes] = await Promise.all([
    findOfficer(db, { id }),
    listPasskeys(db, id),
    listSessions(db, { officerId: id, at: page.at, idleMinutes }),
    countRecoveryCodes(db, id),
  ]);
  const mine = sessions.map((each) => ({
    ...each,
    here: each.tokenHash.equals(session.tokenHash),
  }));
  return view('account', { account: found, passkeys, sessions: mine, codes });
}

async function passwordPage() {
  return view('account-password');
}

const newPassword = z.object({
  current: z.string().max(1024).default(''),
  password: z.string().max(1024, 'Enter a shorter password'),
});

async function changePassword(page: Page) {
  const form = page.form(newPassword);
  if (!form.ok) return view('account-password', { errors: form.errors }, 422);
  const { current, password } = form.value;
  const { officer } = page;
  const { db, random } = page.services.road;
  const advice = passwordAdvice(password, officer);
  if (advice) return view('account-password', { errors: formErrors({ password: advice }) }, 422);
  const hash = await hashOfficerPassword(password, random(16));
  const changed = await transaction(db, async (tx) => {
    const secrets = await lockSecrets(tx, { id: officer.id });
    const stored = secrets?.passwordHash ?? null;
    // Whoever has none comes by a set-up link.
    if (stored !== null && !(await verifyOfficerPassword(current, stored))) return false;
    await setPassword(tx, officer.id, hash);
    await endSessions(tx, officer.id, officer.session.tokenHash);
    return true;
  });
  if (!changed) {
    const errors = formErrors({ current: 'This is not your present password' });
    return view('account-password', { errors }, 422);
  }
  const isEnrolling = officer.session.stage === 'enrol';
  return goTo(isEnrolling ? '/account/second-factor' : '/account', 'Your password is changed.');
}

async function secondFactorPage(page: Page) {
  const found = await findOfficer(page.services.road.db, {
    id: page.officer.id,
  });
  if (page.officer.session.stage === 'enrol' && !found?.hasPassword)
    return goTo('/account/password');
  return view('second-factor', { account: found });
}

async function startTotp(page: Page) {
  const { id, login } = page.officer;
  const made = await newTotp(signInWorld(page.services), {
    id,
    login,
    issuer: 'Portreeve',
  });
  if (!made) throw conflict('You have an authenticator already. Remove it before you add another.');
  return view('authenticator', await totpData(made));
}

async function totpData({ secret, uri }: { secret: string; uri: string }) {
  const { modules } = QRCode.create(uri, { errorCorrectionLevel: 'M' });
  const path = Array.from(modules.data, (dark, index) => {
    const x = index % modules.size;
    return dark ? `M${x} ${Math.floor(index / modules.size)}h1v1h-1z` : '';
  }).join('');
  return {
    secret: secret.replace(/(.{4})(?=.)/g, '$1 '),
    qr: { path, size: modules.size },
  };
}

async function confirmTotp(page: Page) {
  const form = page.form(z.object({ code: z.string().trim().min(1).max(20) }));
  const world = signInWorld(page.services);
  const { id } = page.officer;
  const isRight = await transaction(world.db, async (tx) => {
    const secrets = await lockSecrets(tx, { id });
    if (!form.ok || !secrets || secrets.totpConfirmedAt !== null) return false;
    return isTotp(world, tx, secrets, form.value.code);
  });
  if (isRight) return factorAdded(page, 'password and authenticator');
  const errors = formErrors({
    code: 'The code is not right. Start again with a new picture.',
  });
  const found = await findOfficer(world.db, { id });
  return view('second-factor', { account: found, errors }, 422);
}

/** The account is whole: the session too, under a new token, and codes for the worst day. */
async function factorAdded(page: Page, method: string) {
  const { session, id } = page.officer;
  if (session.stage === 'full') return goTo('/account', 'The second step is added.');
  const world = signInWorld(page.services);
  const { codes, signIn } = await transaction(world.db, async (tx) => {
    const fresh = newRecoveryCodes(world.random);
    await setRecoveryCodes(tx, id, fresh.map(recoveryHash));
    return { codes: fresh, signIn: await complete(world, tx, session, method) };
  });
  if (signIn.kind === 'signed-in') page.setSession(signIn.token);
  return view('recovery-codes', { codes });
}

async function newCodes(page: Page) {
  const { db, random } = page.services.road;
  const codes = newRecoveryCodes(random);
  await transaction(db, (tx) => setRecoveryCodes(tx, page.officer.id, codes.map(recoveryHash)));
  return view('recovery-codes', { codes });
}

async function passkeyOptions(page: Page) {
  return {
    kind: 'json',
    value: await askToCreate(page.services, page.officer),
  } as const;
}

const newPasskey = z.object({
  ceremony: z.string().min(1).max(200),
  response: z.string().min(2).max(20_000),
  name: z.string().trim().max(60).default(''),
});

async function addPasskey(page: Page) {
  const form = page.form(newPasskey);
  const { id: officerId } = page.officer;
  const kept =
    form.ok &&
    (await keepPasskey(page.services, {
      ...form.value,
      officerId,
      name: form.value.name || 'Passkey',
    }));
  if (kept) return factorAdded(page, 'password and passkey');
  const found = await findOfficer(page.services.road.db, { id: officerId });
  const errors = formErrors({
    passkey: 'The passkey could not be added. Try again.',
  });
  return view('second-factor', { account: found, errors }, 422);
}

async function dropPasskey(page: Page) {
  const form = page.form(z.object({ id: z.string().max(1000) }));
  const credentialId = form.ok ? form.value.id : '';
  await dropFactor(page, async (tx, officerId) => {
    if (!(await removePasskey(tx, officerId, credentialId))) throw notFound();
  });
  return goTo('/account', 'The passkey is removed.');
}

async function dropTotp(page: Page) {
  await dropFactor(page, removeTotp);
  return goTo('/account', 'The authenticator is removed.');
}

/** Never the last one: an account with a password alone would be half an account. */
async function dropFactor(page: Page, drop: typeof removeTotp): Promise<void> {
  const { id } = page.officer;
  await transaction(page.services.road.db, async (tx) => {
    await lockSecrets(tx, { id });
    await drop(tx, id);
    const found = await findOfficer(tx, { id });
    const isBare = found?.hasPassword && !found.hasTotp && found.passkeys === 0;
    if (isBare)
      throw conflict('This is your only second step. Add another one before you remove it.');
  });
}

async function signOutEverywhere(page: Page) {
  const { id, session } = page.officer;
  const ended = await transaction(page.services.road.db, async (tx) => {
    const count = await endSessions(tx, id, session.tokenHash);
    await noteSignIn(tx, 'sign-out-elsewhere', id, { sessions: count });
    return count;
  });
  return goTo(
    '/account',
    `Signed out elsewhere: ${ended} ${ended === 1 ? 'session' : 'sessions'}.`,
  );
}

const ENROL = atStage('enrol');
const get = { method: 'GET' } as const;
const post = { method: 'POST', perMinute: 20 } as const;

export const ACCOUNT: readonly Route[] = [
  {
    ...get,
    path: '/account',
    title: 'Your account',
    access: SIGNED_IN,
    handle: account,
  },
  {
    ...get,
    path: '/account/password',
    title: 'Choose a password',
    access: ENROL,
    handle: passwordPage,
  },
  {
    ...post,
    path: '/account/password',
    title: 'Choose a password',
    access: ENROL,
    handle: changePassword,
  },
  {
    ...get,
    path: '/account/second-factor',
    title: 'Add a second step',
    access: ENROL,
    handle: secondFactorPage,
  },
  {
    ...post,
    path: '/account/authenticator',
    title: 'Add an authenticator',
    access: ENROL,
    handle: startTotp,
  },
  {
    ...post,
    path: '/account/authenticator/confirm',
    title: 'Add a second step',
    access: ENROL,
    handle: confirmTotp,
  },
  {
    ...post,
    path: '/account/passkey/options',
    title: 'Add a passkey',
    access: ENROL,
    handle: passkeyOptions,
  },
  {
    ...post,
    path: '/account/passkey',
    title: 'Add a passkey',
    access: ENROL,
    handle: addPasskey,
  },
  {
    ...post,
    path: '/account/recovery-codes',
    title: 'Recovery codes',
    access: SIGNED_IN,
    handle: newCodes,
  },
  {
    ...post,
    path: '/account/passkey/remove',
    title: 'Your account',
    access: SIGNED_IN,
    handle: dropPasskey,
  },
  {
    ...post,
    path: '/account/authenticator/remove',
    title: 'Your account',
    access: SIGNED_IN,
    handle: dropTotp,
  },
  {
    ...post,
    path: '/account/sign-out-everywhere',
    title: 'Your account',
    access: SIGNED_IN,
    handle: signOutEverywhere,
  },
];
