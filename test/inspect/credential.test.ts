import { describe, expect, it } from 'vitest';
import { createCredentialInspector } from '../../src/inspect/credential.ts';
import { inspectionOf } from './inspection-of.ts';

const inspector = createCredentialInspector();
const typesIn = (body: string) => inspector.inspect(inspectionOf({ body })).map(({ type }) => type);

const TEAMS =
  'Microsoft Teams meeting\nJoin on your computer or mobile app\n' +
  'Meeting ID: 312 345 678 901\nPasscode: aB3dE9\n';
const ZOOM =
  'Join Zoom Meeting\nhttps://us02web.zoom.us/j/12345678901?pwd=QmFzZTY0LmRhdGE5\n\n' +
  'Meeting ID: 123 4567 8901\nPasscode: 482913\n';

describe('createCredentialInspector()', () => {
  it('does not keep the secret', () => {
    const found = inspector.inspect(inspectionOf({ body: 'The password is Tuppence42!' }));
    expect(found).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain('Tuppence');
  });

  it('passes a password in quoted text', () => {
    const body = [['quoted', 'The password is Tuppence42!']] as const;
    expect(inspector.inspect(inspectionOf({ subject: 'Re: wifi', body }))).toEqual([]);
  });

  it.each([
    TEAMS,
    ZOOM,
    'My Zoom link is https://zoom.us/j/123456789?pwd=a1B2c3D4 for Monday.',
    'We meet on Zoom at 7pm. Meeting ID 123 456 789, password: heath2027',
    'Join by phone: +44 20 3956 0000\nMeeting ID: 123 456\nPIN: 482913#',
    'The village hall wifi password is Merebrook2027, on the board by the door.',
    'The password is Merebrook2027 for the hall wifi.',
    'The Town Hall guest wi-fi password: Welcome2027',
    'The key safe code is 4512 for the hall, please lock up after bingo.',
    'PIN for the door is 4471.',
    'The alarm code is 2580, the gate code is 1357.',
    'The key safe code for the council flat is 4512, as she cannot get to the door.',
  ])('passes what opens no account: %j', (body) => {
    expect(typesIn(body)).toEqual([]);
  });

  it.each([
    [`${TEAMS}\nMy password is Tuppence42! if you cannot get in.`, 'password'],
    [`${ZOOM}\nUser name: okilbride\nPassword: Tuppence42!`, 'password'],
    [`${ZOOM}\nYour login for the portal, password: Tuppence42!`, 'password'],
    ['Join the Teams meeting from my laptop, the password is Tuppence42!', 'password'],
    ['The wifi is slow; my e-mail password is Tuppence42!', 'password'],
    ['The council wifi password is Merebrook2027', 'password'],
    ["The alarm code for the members' room at the Town Hall is 2580.", 'pin'],
    ['The door code of the council offices is 2580.', 'pin'],
    ['My PIN is 4471, please keep it.', 'pin'],
    [`${ZOOM}\nThe verification code is 448 201.`, 'one-time-code'],
    [`${TEAMS}\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl`, 'private-key'],
  ])('finds in %j a %s', (body, type) => {
    expect(typesIn(body)).toContain(type);
  });
});
