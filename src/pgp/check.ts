import { enums, readMessage } from 'openpgp';
import { readHeaderBlock } from '../mail/header-block.ts';
import { dearmor } from './armor.ts';

/** Fields that may stand outside an encrypted message. */
const HARMLESS = new RegExp(
  [
    '^(received|from|sender|reply-to|to|cc|date|message-id|in-reply-to|references|subject',
    'auto-submitted|x-auto-response-suppress|list-[a-z-]+|mime-version|content-type)$',
  ].join('|'),
);

/**
 * Looks at a finished PGP/MIME message as a stranger would, before it may leave: two parts and
 * no more, encrypted to one key with integrity protection (SEIPD), the subject hidden, CRLF
 * throughout.
 * @throws {Error} which says what is wrong.
 */
export async function checkEncrypted(
  output: Buffer,
  expected: { encryptionKeyId: string; outerSubject: string },
): Promise<void> {
  const fail = (problem: string): never => {
    throw new Error(`Encrypted message failed its own check: ${problem}`);
  };
  const headerEnd = output.indexOf('\r\n\r\n') + 2;
  const header = output.subarray(0, headerEnd);
  const { fields, problem } = readHeaderBlock(header);
  if (problem !== null) fail(problem);
  const stray = fields.find(({ name }) => !HARMLESS.test(name));
  if (stray) fail(`the field "${stray.name}" stands outside`);
  const values = (name: string): string[] =>
    fields.filter((field) => field.name === name).map((field) => field.value);
  if (values('subject').join('\n') !== expected.outerSubject) fail('the subject is not hidden');
  const [type = ''] = values('content-type');
  const boundary =
    /^multipart\/encrypted; protocol="application\/pgp-encrypted"; boundary="([^"]+)"$/.exec(
      type,
    )?.[1] ?? fail('the content type is not multipart/encrypted');
  const parts =
    partsOf(output.subarray(headerEnd), boundary) ?? fail('it has not exactly two parts');
  const { control, contentHeader, armored } = parts;
  if (
    !/^\r\nContent-Type: application\/pgp-encrypted\r\n[^]*\r\n\r\nVersion: 1\r\n$/.test(control)
  ) {
    fail('its first part is not the version');
  }
  if (!contentHeader.startsWith('\r\nContent-Type: application/octet-stream;')) {
    fail('its second part is not the content');
  }
  // The armour is compared octet by octet when it is taken off.
  for (const text of [header.toString('latin1'), control, contentHeader]) {
    if (/(?<!\r)\n|\r(?!\n)/.test(text)) fail('line ends are not CRLF');
  }
  await checkPackets(armored, expected, fail);
}

/** By octets, because the content may be large: as text it would stand in memory several times. */
function partsOf(
  body: Buffer,
  boundary: string,
): { control: string; contentHeader: string; armored: Buffer } | null {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const first = body.indexOf(delimiter);
  const second = body.indexOf(delimiter, first + delimiter.length);
  const third = body.indexOf(delimiter, second + delimiter.length);
  if (first !== 0 || second < 0 || third < 0) return null;
  if (body.toString('latin1', third + delimiter.length) !== '--\r\n') return null;
  const content = body.subarray(second + delimiter.length, third);
  const headerEnd = content.indexOf('\r\n\r\n') + 4;
  return {
    control: body.toString('latin1', first + delimiter.length, second),
    contentHeader: content.toString('latin1', 0, headerEnd),
    armored: content.subarray(headerEnd),
  };
}

async function checkPackets(
  armored: Buffer,
  { encryptionKeyId }: { encryptionKeyId: string },
  fail: (problem: string) => never,
): Promise<void> {
  const binaryMessage =
    dearmor(trimmed(armored)) ?? fail('its content is not one armoured message');
  const message = await readMessage({ binaryMessage });
  const { packets } = message;
  const recipients = packets.filterByTag(enums.packet.publicKeyEncryptedSessionKey);
  const sealed = packets.filterByTag(enums.packet.symEncryptedIntegrityProtectedData);
  if (recipients.length !== 1 || sealed.length !== 1 || packets.length !== 2) {
    fail('it is not one session key and one integrity-protected packet');
  }
  const [keyId] = message.getEncryptionKeyIDs();
  if (keyId?.toHex().toUpperCase() !== encryptionKeyId) fail('it is encrypted to another key');
}

/** Without the line end behind the armour. */
function trimmed(armored: Buffer): Buffer {
  return armored.subarray(-2).toString('latin1') === '\r\n' ? armored.subarray(0, -2) : armored;
}
