import { z } from 'zod';
import { addressRanges } from './ingress/network.ts';
import { MAX_HEADER_BYTES } from './mail/header-block.ts';
import { OFFICER_ROLES } from './policy/permissions.ts';

/**
 * The one configuration file, `portreeve.yaml`. Every key is described here and nowhere else: the
 * README's reference and the messages about a wrong file both come from these descriptions.
 */
const port = z.number().int().min(0).max(65_535);
const host = z.string().min(1);
const file = z.string().min(1);
const seconds = z.number().int().positive();

const range = z.string().refine(
  (text) => {
    try {
      addressRanges([text]);
      return true;
    } catch {
      return false;
    }
  },
  { error: ({ input }) => `"${String(input)}" is no range, write it like "192.0.2.0/24"` },
);

const clamdAddress = z.string().regex(/^(?:\/.+|(?:[\w.-]+|\[[\da-f:]+\]):\d{1,5})$/i, {
  error: 'is "host:port", "[address]:port" or the absolute path of a Unix socket',
});

const certificate = z
  .strictObject({
    certFile: file.describe('PEM certificate chain'),
    keyFile: file.describe('PEM private key'),
  })
  .nullable();

const route = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mx').describe('straight to the recipients’ servers') }),
  z.strictObject({
    kind: z.literal('smarthost').describe('by one relay'),
    host: host.describe('name or address of the relay'),
    port: port.default(25).describe('its port'),
    tls: z
      .enum(['opportunistic', 'required', 'verified'])
      .default('opportunistic')
      .describe('`verified`: valid certificate for its name, or nothing is sent'),
    servername: host.optional().describe('name in its certificate, where not `host`'),
    user: z.string().optional().describe('SMTP AUTH, with `passwordFile`'),
    passwordFile: file.optional().describe('file that holds the password'),
    protects: z
      .boolean()
      .default(false)
      .describe('it is known to send marked mail on protected; counts with `verified` only'),
  }),
]);

const connector = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .describe('small letters, digits, hyphens; stands in the record'),
  council: z.string().describe('id of the council whose mail it brings'),
  addresses: z.array(range).min(1).describe('CIDR ranges of the relay'),
  requireTls: z.boolean().default(false).describe('take nothing from it in clear'),
  clientCertificate: z
    .strictObject({
      names: z.array(z.string()).min(1).describe('host names of which it must bear one'),
      caFile: file
        .nullable()
        .default(null)
        .describe('PEM roots that may have issued it; any public one where left out'),
    })
    .nullable()
    .default(null)
    .describe('the certificate that the relay must present'),
  tenantHeader: z
    .strictObject({
      name: z.string().min(1).describe('field name'),
      value: z.string().min(1).describe('its whole value; taken out before the message is stored'),
    })
    .nullable()
    .default(null)
    .describe('a field that only this tenant’s own system adds; checked before 250'),
});

const listener = (defaultPort: number) => ({
  host: host.default('127.0.0.1').describe('address to listen on'),
  port: port.default(defaultPort).describe('0 takes a free one'),
});

const consoleSection = z
  .strictObject({
    ...listener(2590),
    tls: certificate
      .default(null)
      .describe('without it only loopback, or a proxy with TLS before it'),
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .nullable()
      .default(null)
      .describe('what browsers call it, e.g. `https://mail-review.council.gov.uk`'),
    proxies: z.array(range).default([]).describe('whose X-Forwarded-For is believed'),
    idleMinutes: z.number().int().min(1).max(480).default(30).describe('then a session ends'),
    sessionHours: z.number().int().min(1).max(24).default(10).describe('however busy it was'),
    localAccounts: z.boolean().default(true).describe('sign-in by password or passkey'),
    oidc: z
      .strictObject({
        name: z.string().min(1).default('your council account').describe('words of the button'),
        issuer: z.url().describe('e.g. `https://login.microsoftonline.com/TENANT/v2.0`'),
        clientId: z.string().min(1).describe('of the registered application'),
        clientSecretFile: file.describe('file that holds its secret'),
        rolesClaim: z.string().default('roles').describe('`roles`, `groups`, ... of the ID token'),
        roles: z
          .array(
            z.strictObject({
              value: z.string().min(1).describe('in the claim'),
              council: z.string().describe('id of the council'),
              role: z.enum(OFFICER_ROLES).describe('what it makes the officer there'),
            }),
          )
          .min(1)
          .describe('whoever has none of them may not sign in'),
        requireAmr: z
          .array(z.string())
          .default([])
          .describe('of which `amr` must hold one, e.g. `mfa`'),
      })
      .nullable()
      .default(null)
      .describe('sign-in by OpenID Connect'),
  })
  .prefault({})
  .describe('web pages for officers');

export const CONFIG_SCHEMA = z.strictObject({
  hostname: host
    .default('portreeve.localhost')
    .describe('name given in EHLO, Received and reports'),
  stateDir: file.default('var').describe('spool, keys and embedded engines'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  policy: z
    .strictObject({
      dir: file.default('policies').describe('the folder that `policy activate` reads'),
      councils: z
        .array(z.string())
        .min(1)
        .default(['merebrook'])
        .describe('councils that are live'),
      secondOfficer: z
        .boolean()
        .default(false)
        .describe(
          'an activation waits for another officer, as does going back to what may be laxer',
        ),
    })
    .prefault({}),
  submission: z
    .strictObject({
      ...listener(2587),
      implicitTlsPort: port.nullable().default(null).describe('RFC 8314, e.g. 465'),
      tls: certificate.default(null).describe('without it no login is possible'),
    })
    .prefault({})
    .describe('SMTP with AUTH, for councillors’ own programs'),
  connector: z
    .strictObject({
      ...listener(2525),
      tls: certificate.default(null).describe('without it STARTTLS is not offered'),
    })
    .prefault({})
    .describe('SMTP for the named relays below'),
  connectors: z
    .array(connector)
    .default([])
    .describe('relays that may bring mail; all others are turned away'),
  console: consoleSection,
  http: z.strictObject(listener(2580)).prefault({}).describe('health, readiness, metrics'),
  routes: z
    .record(
      z.string(),
      z.strictObject({
        outward: route.default({ kind: 'mx' }).describe('to recipients elsewhere'),
        inward: route.describe('to the council’s own mail system'),
        domains: z
          .record(host, route)
          .default({})
          .describe('by recipients’ domain: these and all below have a route of their own (CJSM)'),
        dkim: z
          .strictObject({
            domain: host.describe('d= of the signature'),
            selector: host.describe('s= of the signature'),
            keyFile: file.describe('PEM private key, RSA of 2048 bits or Ed25519'),
          })
          .nullable()
          .default(null)
          .describe('signs all that leaves, last of all'),
        pgp: z
          .strictObject({
            keyFile: file.describe('armoured OpenPGP private key without a passphrase'),
          })
          .nullable()
          .default(null)
          .describe('signs what the gateway encrypts'),
      }),
    )
    .default({})
    .describe('by council id'),
  delivery: z
    .strictObject({
      port: port
        .default(25)
        .describe('port of recipients’ mail servers; other than 25 on test networks'),
      concurrency: z.number().int().min(1).max(500).default(20).describe('messages at once'),
      leaseSeconds: seconds
        .default(60)
        .describe('work of a process that died is taken up again after this'),
      connectTimeoutSeconds: seconds.default(30).describe('from connecting to the last EHLO'),
      idleTimeoutSeconds: seconds.default(300).describe('longest silence of a server'),
      ordinaryDelayNoticeMinutes: z
        .number()
        .int()
        .positive()
        .default(240)
        .describe('when the sender of unmarked mail hears that it is late'),
    })
    .prefault({}),
  dns: z
    .strictObject({
      servers: z
        .array(z.string())
        .default([])
        .describe('`ip` or `ip:port`; a validating resolver for DANE'),
      trustAd: z
        .boolean()
        .default(false)
        .describe('believe the AD bit of a resolver that is not on loopback'),
    })
    .prefault({}),
  tls: z
    .strictObject({ caFile: file.nullable().default(null).describe('extra trust anchor (PEM)') })
    .prefault({}),
  limits: z
    .strictObject({
      messageBytes: z
        .number()
        .int()
        .positive()
        .default(52_428_800)
        .describe('largest message, octets (552 5.3.4)'),
      headerBytes: z
        .number()
        .int()
        .positive()
        .max(MAX_HEADER_BYTES)
        .default(262_144)
        .describe('largest header, octets (552 5.3.4)'),
      recipients: z.number().int().min(100).default(500).describe('of one message (452 4.5.3)'),
      connections: z.number().int().positive().default(200).describe('at once, by listener'),
      connectionsPerAddress: z
        .number()
        .int()
        .positive()
        .default(50)
        .describe('at once from one address'),
      idleSeconds: seconds.default(300).describe('silence after which a session is closed'),
      dataSeconds: seconds.default(1800).describe('for the whole of one DATA'),
      failedLogins: z
        .number()
        .int()
        .positive()
        .default(10)
        .describe('per account or address in 15 minutes'),
      spoolReserveBytes: z
        .number()
        .int()
        .nonnegative()
        .default(104_857_600)
        .describe('room that must stay free on the spool’s disk (452 4.3.1)'),
      inspectTextBytes: z
        .number()
        .int()
        .positive()
        .default(1_048_576)
        .describe('text read of one part'),
    })
    .prefault({}),
  attachments: z
    .strictObject({
      ocr: z.boolean().default(true).describe('whether pictures are read'),
      processes: z
        .number()
        .int()
        .min(1)
        .max(64)
        .default(1)
        .describe('how many read attachments at once'),
      messageBytes: z
        .number()
        .int()
        .nonnegative()
        .default(26_214_400)
        .describe('attachments read of one message; what lies beyond is uninspectable'),
      memoryBytes: z
        .number()
        .int()
        .min(268_435_456)
        .default(1_073_741_824)
        .describe('a process that needs more is ended, and the message waits'),
      partSeconds: seconds.default(20).describe('for one attachment; then the message waits'),
      messageSeconds: seconds.default(40).describe('for all attachments of one message'),
    })
    .prefault({}),
  malware: z
    .strictObject({
      clamd: clamdAddress
        .nullable()
        .default(null)
        .describe(
          '`host:port` or the path of a Unix socket; without it nothing is scanned for malware',
        ),
      timeoutSeconds: seconds
        .default(60)
        .describe('longest silence of clamd; then the message waits'),
    })
    .prefault({}),
  sweepSeconds: seconds
    .default(5)
    .describe('how often PostgreSQL is searched for work that is due'),
});

export type ConfigFile = z.infer<typeof CONFIG_SCHEMA>;
