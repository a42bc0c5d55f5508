/** RFC 3461 NOTIFY values. `never` stands alone. */
export const NOTIFY = ['never', 'success', 'failure', 'delay'] as const;
export type Notify = (typeof NOTIFY)[number];

/** One RCPT TO. `orcpt` is kept as received (`rfc822;user@example.org`, xtext-encoded). */
export interface EnvelopeRecipient {
  address: string;
  /** Empty where the client gave none: failure and delay reports are then due (RFC 3461 §4.1). */
  notify: Notify[];
  orcpt: string | null;
}

/** What the SMTP client said, never what the headers say. */
export interface Envelope {
  /** `''` is the null sender. */
  mailFrom: string;
  rcptTo: EnvelopeRecipient[];
  /** RFC 3461 RET and ENVID. */
  ret: 'FULL' | 'HDRS' | null;
  envid: string | null;
  /** RFC 8689: the client asked that every hop be verified TLS. */
  requireTls: boolean;
  /** RFC 6531. */
  smtpUtf8: boolean;
  /** RFC 6152. */
  body: '7BIT' | '8BITMIME';
}

/** How the message reached us: who vouches for it, which is never the From header. */
export interface Arrival {
  /** `login`: SMTP AUTH. `connector`: a named relay. `internal`: made by the gateway itself. */
  via: 'login' | 'connector' | 'internal';
  /** Connector name, or the login's address, or `gateway`. */
  name: string;
  /** The council's id, from the connector or the login. */
  council: string;
  /** The person who logged in; `null` for connectors. */
  authenticatedAs: string | null;
  remoteAddress: string;
  helo: string;
  /** Protocol and cipher of the incoming session, `null` in clear. */
  tls: { protocol: string; cipher: string } | null;
}
