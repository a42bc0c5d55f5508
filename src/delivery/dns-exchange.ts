import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIP, isIPv6 } from 'node:net';
import dnsPacket, { type DecodedPacket, type Packet } from 'dns-packet';

/**
 * One DNS server, from `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`.
 */
export interface DnsServer {
  address: string;
  port: number;
}

/** @throws {Error} where `text` is no address with an optional port. */
export function parseDnsServer(text: string): DnsServer {
  const match = /^(?:\[(.+)\](?::(\d+))?|([^:]+)(?::(\d+))?|([^[\]]+))$/.exec(text);
  const address = match?.[1] ?? match?.[3] ?? match?.[5] ?? '';
  const port = Number(match?.[2] ?? match?.[4] ?? 53);
  if (isIP(address) === 0 || port < 1 || port > 65_535) {
    throw new Error(`DNS server "${text}" is not an address with an optional port`);
  }
  return { address, port };
}

/**
 * Asks one server one question: UDP first, TCP where the answer was cut (RFC 7766). Answers with
 * another id or question are ignored; a late one costs no more than `timeoutMs` in all.
 * @throws {Error} when no answer came in time, or none that could be read.
 */
export async function exchange(
  server: DnsServer,
  question: { name: string; type: string },
  timeoutMs: number,
): Promise<DecodedPacket> {
  const query: Packet = {
    id: randomInt(65_536),
    type: 'query',
    // RFC 6840 §5.7: AD in a query asks the resolver to say whether it validated the answer.
    flags: dnsPacket.RECURSION_DESIRED | dnsPacket.AUTHENTIC_DATA,
    questions: [{ ...question, class: 'IN' }],
    // 1232 bytes pass unfragmented nearly everywhere (DNS flag day 2020).
    additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, data: [] }],
  };
  const deadline = performance.now() + timeoutMs;
  const answer = await overUdp(server, query, timeoutMs);
  if (!answer.flag_tc) return answer;
  return overTcp(server, query, Math.max(deadline - performance.now(), 1));
}

function answers(query: Packet, packet: DecodedPacket): boolean {
  const [asked] = query.questions ?? [];
  const [repeated] = packet.questions;
  return (
    packet.type === 'response' &&
    packet.id === query.id &&
    repeated?.name.toLowerCase() === asked?.name.toLowerCase() &&
    repeated?.type === asked?.type
  );
}

function overUdp(server: DnsServer, query: Packet, timeoutMs: number): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      socket.removeAllListeners('message');
      socket.close();
      settle();
    };
    const fail = (error: Error): void => finish(() => reject(error));
    const timer = setTimeout(() => fail(new Error('DNS query timed out')), timeoutMs);
    socket.once('error', fail);
    socket.on('message', (bytes) => {
      const packet = decoded(() => dnsPacket.decode(bytes));
      // Anyone can send us a datagram; only an answer to this question ends the wait.
      if (packet && answers(query, packet)) finish(() => resolve(packet));
    });
    // A connected socket takes datagrams from this server only, and hears of a closed port.
    socket.connect(server.port, server.address, () => socket.send(dnsPacket.encode(query)));
  });
}

function overTcp(server: DnsServer, query: Packet, timeoutMs: number): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, server.address);
    let received = Buffer.alloc(0);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error('DNS query timed out')), timeoutMs);
    socket.once('error', fail);
    socket.once('close', () => fail(new Error('DNS server closed the connection')));
    socket.once('connect', () => socket.write(dnsPacket.streamEncode(query)));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < received.readUInt16BE(0) + 2) return;
      const packet = decoded(() => dnsPacket.streamDecode(received));
      if (!packet || !answers(query, packet)) return fail(new Error('DNS answer is unreadable'));
      clearTimeout(timer);
      resolve(packet);
      socket.destroy();
    });
  });
}

function decoded(decode: () => DecodedPacket): DecodedPacket | null {
  try {
    return decode();
  } catch {
    return null;
  }
}
