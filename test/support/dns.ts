import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import dnsPacket, { type DecodedPacket, type Packet } from 'dns-packet';

/** What the server says to one question. */
export interface DnsAnswer {
  /** Record data as dns-packet takes it; an empty list is NODATA. */
  data?: unknown[];
  /** SERVFAIL, NXDOMAIN ..., or no answer at all. */
  fault?: 'SERVFAIL' | 'NXDOMAIN' | 'REFUSED' | 'silence' | 'garbage';
  /** The AD bit. */
  secure?: boolean;
  ttl?: number;
  /** Over UDP: only a cut answer. */
  truncated?: boolean;
}

export interface TestDns {
  /** `127.0.0.1:PORT`. */
  server: string;
  /** Every question in order, as `MX example.test`. */
  asked: string[];
  set(question: string, answer: DnsAnswer | unknown[]): void;
  close(): Promise<void>;
}

const RCODES: Record<string, number> = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };

/**
 * A real DNS server on a free loopback port, UDP and TCP. Questions are keys like `MX example.test`; a
 * name without any entry does not exist.
 */
export async function startDns(zone: Record<string, DnsAnswer | unknown[]> = {}): Promise<TestDns> {
  const entries = new Map<string, DnsAnswer>();
  const asked: string[] = [];
  const set: TestDns['set'] = (question, answer) =>
    void entries.set(question, Array.isArray(answer) ? { data: answer } : answer);
  for (const [question, answer] of Object.entries(zone)) set(question, answer);

  function answerTo(query: DecodedPacket, tcp: boolean): Packet | 'silence' | 'garbage' {
    const [question] = query.questions;
    if (!question) return 'silence';
    const name = question.name.toLowerCase();
    asked.push(`${question.type} ${name}`);
    const known = [...entries.keys()].some((entry) => entry.endsWith(` ${name}`));
    const entry = entries.get(`${question.type} ${name}`) ?? {
      fault: known ? undefined : 'NXDOMAIN',
    };
    if (entry.fault === 'silence' || entry.fault === 'garbage') return entry.fault;
    const cut = entry.truncated && !tcp;
    const records = (entry.data ?? []).map((data) => ({
      name: question.name,
      type: question.type,
      ttl: entry.ttl ?? 60,
      data,
    }));
    return {
      id: query.id,
      type: 'response',
      flags:
        dnsPacket.RECURSION_DESIRED |
        dnsPacket.RECURSION_AVAILABLE |
        (entry.secure ? dnsPacket.AUTHENTIC_DATA : 0) |
        (cut ? dnsPacket.TRUNCATED_RESPONSE : 0) |
        (RCODES[entry.fault ?? ''] ?? 0),
      questions: query.questions,
      answers: cut ? [] : records,
    };
  }

  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      const reply = answerTo(dnsPacket.streamDecode(bytes), true);
      if (typeof reply !== 'string') socket.end(dnsPacket.streamEncode(reply));
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) => {
    const reply = answerTo(dnsPacket.decode(bytes), false);
    if (reply === 'garbage') udp.send(Buffer.from('no DNS'), from.port, from.address);
    else if (reply !== 'silence') udp.send(dnsPacket.encode(reply), from.port, from.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    server: `127.0.0.1:${port}`,
    asked,
    set,
    async close() {
      udp.close();
      tcp.close();
      await Promise.all([once(udp, 'close'), once(tcp, 'close')]);
    },
  };
}
