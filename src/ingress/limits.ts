/**
 * What a client may ask of the SMTP listeners. Everything is bounded, so that no client can exhaust
 * memory, connections or time. Each process counts for itself.
 */
export interface IngressLimits {
  /**
   * RFC 1870 maximum, octets; announced as SIZE. What `accept` enforces must be the same number.
   */
  messageBytes: number;
  /** Recipients of one message. RFC 5321 §4.5.3.1.8 asks for 100 at least. */
  recipients: number;
  /** One command line, octets. RFC 4954 §4 lets an AUTH line have 12288. */
  commandBytes: number;
  /** Silence after which a session is closed. RFC 5321 §4.5.3.2.7: five minutes at least. */
  idleSeconds: number;
  /** The whole of DATA, so that a trickle does not hold a session for ever. */
  dataSeconds: number;
  /** Sessions open at one time on one listener. */
  connections: number;
  /** Of these from one address (IPv6: one /64). */
  connectionsPerAddress: number;
  /** Messages in one session. */
  messagesPerConnection: number;
  /** Time from connection to login on submission listeners, so that idlers cannot fill them. */
  loginSeconds: number;
  /** Commands other than AUTH before a login succeeds, on submission listeners. */
  commandsBeforeLogin: number;
  /** Failed logins within the window from one address (IPv6: one /64), then 421 4.7.0. */
  failedLoginsPerAddress: number;
  /** Failed logins within the window to one account, from anywhere, then 454 4.7.0. */
  failedLoginsPerAccount: number;
  loginWindowSeconds: number;
  /** Time for transactions under way to finish when the listener closes. */
  closeSeconds: number;
}

export const DEFAULT_INGRESS_LIMITS: Readonly<IngressLimits> = {
  messageBytes: 50 * 1024 * 1024,
  recipients: 500,
  commandBytes: 12_288,
  idleSeconds: 300,
  dataSeconds: 1800,
  connections: 500,
  connectionsPerAddress: 100,
  messagesPerConnection: 1000,
  loginSeconds: 60,
  commandsBeforeLogin: 10,
  failedLoginsPerAddress: 10,
  failedLoginsPerAccount: 20,
  loginWindowSeconds: 900,
  closeSeconds: 30,
};
