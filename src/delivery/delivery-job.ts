import type { Readable } from 'node:stream';
import type { Protection } from '../mail/disposition.ts';
import type { Notify } from '../mail/envelope.ts';

/** How mail leaves: straight to the recipients' servers, or by one named relay. */
export type Route =
  | { kind: 'mx' }
  | {
      kind: 'smarthost';
      host: string;
      port: number;
      /** `verified`: valid certificate for `servername`, TLS 1.2 or later, or nothing is sent. */
      tls: 'opportunistic' | 'required' | 'verified';
      /** The name in its certificate, `host` by default. */
      servername?: string;
      auth?: { user: string; pass: string };
      /**
       * The council states that this relay protects marked mail onwards. Counts with `verified`
       * only.
       */
      protects: boolean;
    };

export interface JobRecipient {
  id: number | bigint;
  address: string;
  /** As received, xtext-encoded: `rfc822;user@example.org`. */
  orcpt: string | null;
  notify: readonly Notify[];
}

/** One message for recipients of one domain, all with the same protection. */
export interface DeliveryJob {
  queueId: string;
  route: Route;
  /** The recipients' domain, which says where the mail goes and what the evidence is about. */
  domain: string;
  protection: Protection;
  /** The body is PGP-encrypted to its recipients: protected whatever the channel. */
  contentEncrypted: boolean;
  /** `''` is the null sender. */
  mailFrom: string;
  recipients: readonly JobRecipient[];
  ret: 'FULL' | 'HDRS' | null;
  /** As received, xtext-encoded. */
  envid: string | null;
  smtpUtf8: boolean;
  eightBit: boolean;
  /** RFC 8689, asked for by the client. */
  requireTls: boolean;
  /**
   * Where a valid certificate for an unproved MX name is enough: this domain or below, such
   * hosts.
   */
  acceptL2: { domains: readonly string[]; mxSuffixes: readonly string[] };
  sizeBytes: number;
  /** The bytes to send, from the start; called once for each attempt at a host. */
  body: () => Readable;
  /** Awaited before MAIL FROM; what it throws ends the job before anything is sent. */
  onAttempt: (host: string, remoteAddress: string) => Promise<void>;
}

/** How a channel was protected (domain B.6). L4 is not the channel's: it lies in the content. */
export interface TransportEvidence {
  level: 'L0' | 'L1' | 'L2' | 'L3';
  mxHost: string;
  remoteAddress: string;
  /** `TLSv1.3`; `null` in clear. */
  protocol: string | null;
  cipher: string | null;
  /** Of the server's certificate, hex. */
  certificateSha256: string | null;
  provedBy: 'dane' | 'mta-sts' | 'pkix-accepted' | 'connector' | 'none';
  /** ISO 8601 UTC. */
  at: string;
}

/** What an outsider needs to check the evidence without us. */
export interface TransportProof {
  /** Of which the certificate had to bear one, DANE-EE aside: the host's, by DANE the domain's. */
  names: string[];
  /** DER as base64, leaf first; empty in clear. */
  certificateChain: string[];
  policy: ProvingPolicy | null;
}

/** Whose word made the channel good enough. */
export type ProvingPolicy =
  /** `text` as fetched from the policy host (RFC 8461 §3.2). */
  | { kind: 'mta-sts'; id: string; text: string }
  /** Usable records of `name` as in a zone file: `3 1 1 89ab...` (RFC 6698 §2.2). */
  | { kind: 'dane'; name: string; records: string[] }
  /** The entry of the council's `acceptL2`. */
  | { kind: 'pkix-accepted'; accepted: string }
  | { kind: 'connector' };

/** Why a channel is not good enough. */
export type ChannelFlaw =
  | 'starttls-not-offered'
  | 'starttls-refused'
  | 'tls-too-old'
  | 'tls-handshake'
  | 'certificate-name'
  | 'certificate-expired'
  | 'certificate-untrusted'
  | 'dane-mismatch'
  | 'sts-mx-mismatch'
  | 'no-proof'
  | 'requiretls-not-offered';

/** Why nothing was sent where protection was due. */
export type UnprotectedCause =
  ChannelFlaw | 'dns-failure' | 'sts-store' | 'sts-lookup' | 'sts-fetch' | 'route-not-protected';

/** Why nothing was sent where TLS could not be proven and the key that is held is of no use. */
export type SealingFlaw = 'pgp-key-expired' | 'pgp-key-unusable' | 'pgp-failed';

/** What became of one recipient. `reply` is one line; `cause` is one word for the record. */
export type RecipientOutcome =
  | { kind: 'delivered'; reply: string; evidence: TransportEvidence; proof: TransportProof }
  | { kind: 'deferred'; reply: string | null; cause: string }
  | { kind: 'bounced'; reply: string; cause: string }
  /** Not a byte was sent. `retryable` false: trying again alone cannot help. */
  | { kind: 'unprotected'; cause: UnprotectedCause | SealingFlaw; retryable: boolean };

export type Undelivered = Exclude<RecipientOutcome, { kind: 'delivered' }>;
