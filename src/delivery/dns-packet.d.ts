/** The part of dns-packet that we use; the package ships no types. */
declare module 'dns-packet' {
  export interface Question {
    name: string;
    type: string;
    class?: string;
  }
  export interface ResourceRecord extends Question {
    ttl?: number;
    /** Its shape depends on `type`; an OPT record has none. */
    data?: unknown;
    udpPayloadSize?: number;
    flags?: number;
  }
  export interface Packet {
    id?: number;
    type?: 'query' | 'response';
    flags?: number;
    questions?: Question[];
    answers?: ResourceRecord[];
    authorities?: ResourceRecord[];
    additionals?: ResourceRecord[];
  }
  /** Decoding adds the parts of `flags` by name. */
  export interface DecodedPacket extends Required<Packet> {
    rcode: string;
    flag_tc: boolean;
    flag_ad: boolean;
  }
  interface DnsPacket {
    encode(packet: Packet): Buffer;
    decode(bytes: Buffer): DecodedPacket;
    streamEncode(packet: Packet): Buffer;
    streamDecode(bytes: Buffer): DecodedPacket;
    readonly RECURSION_DESIRED: number;
    readonly RECURSION_AVAILABLE: number;
    readonly AUTHENTIC_DATA: number;
    readonly TRUNCATED_RESPONSE: number;
  }
  const dnsPacket: DnsPacket;
  export default dnsPacket;
}
