import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { EXCHANGE, openGateway, type Gateway, type GatewayOptions } from './gateway.ts';
import { RawClient } from './raw-client.ts';

/**
 * Plays test/dialogs/*.txt against a real listener. In a dialog:
 *   `# text`      why it is there; the first line is the test's name
 *   `@ setting`   which listener, see SETTINGS
 *   `S: line`     the server says exactly this
 *   `C: line`     the client sends this and CRLF; lines that follow each other go out in one packet
 *   `C> text`     the client sends this with `\r`, `\n`, `\xNN` meaning octets and nothing added
 *   `T`           both sides change to TLS
 *   `X`           the server has closed
 *   `A: from -> to, to`   one message was accepted with this envelope, in order; each must be
 * listed
 */
const FOLDER = new URL('../dialogs/', import.meta.url);

const SETTINGS: Record<string, GatewayOptions> = {
  submission: { kind: 'submission' },
  connector: { kind: 'connector' },
  'connector without certificate': { kind: 'connector', certificate: null },
  'connector that requires TLS': {
    kind: 'connector',
    connectors: [{ ...EXCHANGE, requireTls: true }],
  },
  'connector elsewhere': {
    kind: 'connector',
    connectors: [{ ...EXCHANGE, addresses: ['192.0.2.0/24', '2001:db8::/32'] }],
  },
  'two recipients, three messages, small': {
    kind: 'connector',
    limits: { recipients: 2, messagesPerConnection: 3, messageBytes: 1000, commandBytes: 600 },
  },
};

let gateway: Gateway | undefined;
let client: RawClient | undefined;
afterEach(async () => {
  client?.destroy();
  await gateway?.close();
});

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))) {
  const lines = readFileSync(new URL(file, FOLDER), 'utf8').split('\n');
  const why = lines[0]?.replace(/^# /, '') ?? '';
  test(`${file}: ${why}`, async () => {
    expect(lines[0]).toMatch(/^# \S/);
    expect(lines.filter((line) => !/^(?:$|[#@] |[SA]: |C:|C> |[TX]$)/.test(line))).toEqual([]);
    const setting = lines.find((line) => line.startsWith('@ '))?.slice(2) ?? '';
    const options = SETTINGS[setting];
    if (!options) throw new Error(`Dialog "${file}" names no known setting: "${setting}"`);
    gateway = await openGateway(options);
    client = await RawClient.connect(gateway.port);
    expect(await play(lines, client)).toEqual(lines.filter((line) => /^(?:S: |X$)/.test(line)));
    const accepted = gateway.offered.map(
      ({ envelope }) =>
        `A: ${envelope.mailFrom} -> ${envelope.rcptTo.map(({ address }) => address).join(', ')}`,
    );
    expect(accepted).toEqual(lines.filter((line) => line.startsWith('A: ')));
  });
}

/** What the server said, up to the first line that is not as the dialog has it. */
async function play(lines: readonly string[], client: RawClient): Promise<string[]> {
  const said: string[] = [];
  let packet = Buffer.alloc(0);
  for (const line of lines) {
    const bytes = fromClient(line);
    if (bytes) packet = Buffer.concat([packet, bytes]);
    if (!/^(?:S: |[XT]$)/.test(line)) continue;
    if (packet.length > 0) client.send(packet);
    packet = Buffer.alloc(0);
    if (line === 'T') {
      await client.startTls();
      continue;
    }
    const heard = await client.line();
    said.push(heard === null ? 'X' : `S: ${heard}`);
    if (said.at(-1) !== line) break;
  }
  return said;
}

function fromClient(line: string): Buffer | null {
  if (line.startsWith('C> ')) return octets(line.slice(3));
  return line.startsWith('C:') ? Buffer.from(`${line.slice(3)}\r\n`) : null;
}

function octets(text: string): Buffer {
  const decoded = text.replace(
    /\\(?:x([0-9A-F]{2})|([rn]))/g,
    (_all, hex?: string, letter?: string) =>
      hex ? String.fromCharCode(Number.parseInt(hex, 16)) : letter === 'r' ? '\r' : '\n',
  );
  return Buffer.from(decoded, 'latin1');
}
