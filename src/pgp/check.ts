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
  const message = output.toString('latin1');
  if (/(?<!\r)\n|\r(?!\n)/.test(message)) fail('line ends are not CRLF');
  const headerEnd = message.indexOf('\r\n\r\n');
  const { fields, problem } = readHeaderBlock(output.subarray(0, headerEnd + 2));
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
  const [preamble = '', control = '', content = '', ...rest] = message
    .slice(headerEnd + 2)
    .split(`\r\n--${boundary}`);
  if (preamble !== '' || rest.join('') !== '--\r\n') fail('it has not exactly two parts');
  if (
    !/^\r\nContent-Type: application\/pgp-encrypted\r\n[^]*\r\n\r\nVersion: 1\r\n$/.test(control)
  ) {
    fail('its first part is not the version');
  }
  const armored = /^\r\nContent-Type: application\/octet-stream;[^]*?\r\n\r\n([^]*)$/.exec(content);
  await checkPackets(armored?.[1] ?? fail('its second part is not the content'), expected, fail);
}

async function checkPackets(
  armored: string,
  { encryptionKeyId }: { encryptionKeyId: string },
  fail: (problem: string) => never,
): Promise<void> {
  const binaryMessage = dearmor(armored.trim()) ?? fail('its content is not one armoured message');
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
