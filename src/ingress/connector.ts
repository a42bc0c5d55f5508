import { X509Certificate } from 'node:crypto';
import type { TenantPin } from '../mail/screen.ts';
import { smtpReply, type SmtpReply } from '../mail/smtp-reply.ts';
import { addressRanges } from './network.ts';

/** A named relay that may hand us a council's mail, as configured. */
export interface Connector {
  name: string;
  /** Id of the council whose mail it is. */
  council: string;
  /** CIDR ranges or single addresses that it connects from. */
  addresses: string[];
  /** Client certificate that it must present, `null` where its address is enough. */
  certificate: {
    /** The certificate must be valid for one of these host names (RFC 9525). */
    names: string[];
    /** PEM of the roots of which one must have issued it; empty: any root that Node trusts. */
    issuers: string[];
  } | null;
  /** Header that proves the tenant of a shared service; `accept` checks it before 250. */
  tenantPin: TenantPin | null;
  requireTls: boolean;
}

/** Ready to be asked about clients. */
export interface ConnectorMatcher {
  connector: Connector;
  /** True where a client at this address may use the connector, certificate aside. */
  fromAddress(remoteAddress: string): boolean;
  /**
   * True where the certificate that a client presented is the one asked for, or none is asked for.
   */
  certified(certificate: ClientCertificate | null): boolean;
}

/** A client certificate and whether its chain ends in a root that we trust and is in date. */
export interface ClientCertificate {
  certificate: X509Certificate;
  verified: boolean;
}

const NEEDS_TLS = smtpReply(530, '5.7.0', 'Must issue a STARTTLS command first');
const NOT_YOURS = smtpReply(550, '5.7.1', 'Client certificate does not permit relaying');
const CHAIN_LENGTH = 8;

/**
 * @throws {Error} for a range that is not CIDR, for PEM that is no certificate, and for a connector
 * that   would make an open relay of us
 */
export function connectorMatcher(connector: Connector): ConnectorMatcher {
  const { name, addresses, certificate } = connector;
  if (addresses.length === 0) throw new Error(`Connector "${name}" has no addresses`);
  const everywhere = addresses.find((range) => range.endsWith('/0'));
  if (everywhere && !certificate) {
    throw new Error(`Connector "${name}" takes mail from "${everywhere}" without a certificate`);
  }
  if (certificate?.names.length === 0) {
    throw new Error(`Connector "${name}" asks for a certificate but names none`);
  }
  const ranges = addressRanges(addresses);
  const issuers = certificate?.issuers.flatMap(readRoots) ?? [];
  return {
    connector,
    fromAddress: (remoteAddress) => ranges.contains(remoteAddress),
    certified(presented) {
      if (!certificate) return true;
      return (
        presented !== null &&
        presented.verified &&
        certificate.names.some((host) => presented.certificate.checkHost(host) !== undefined) &&
        (issuers.length === 0 || isIssuedBelow(presented.certificate, issuers))
      );
    },
  };
}

/**
 * All certificates of a PEM file; `X509Certificate` itself would read the first and drop the
 * others.
 */
function readRoots(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (!blocks)
    throw new Error('Issuer is no PEM certificate, it begins with "-----BEGIN CERTIFICATE"');
  return blocks.map((block) => new X509Certificate(block));
}

/**
 * The connectors that this session satisfies, in the order of the configuration. Several tenants of
 * one service share its addresses and certificate: only the tenant header tells them apart.
 */
export function chooseConnectors(
  candidates: readonly ConnectorMatcher[],
  secure: boolean,
  certificate: ClientCertificate | null,
): readonly Connector[] | { refusal: SmtpReply } {
  const chosen = candidates.filter(
    (each) => (secure || !each.connector.requireTls) && each.certified(certificate),
  );
  if (chosen.length > 0) return chosen.map(({ connector }) => connector);
  return { refusal: secure ? NOT_YOURS : NEEDS_TLS };
}

/**
 * Walks up the chain that the client sent, checking each signature. TLS has verified the chain
 * against all our roots together; this tells which root it was, which matters once two connectors
 * pin two roots.
 */
function isIssuedBelow(leaf: X509Certificate, roots: readonly X509Certificate[]): boolean {
  let certificate = leaf;
  for (let depth = 0; depth < CHAIN_LENGTH; depth += 1) {
    const below = certificate;
    if (roots.some((root) => below.checkIssued(root) && below.verify(root.publicKey))) return true;
    const issuer = below.issuerCertificate;
    if (!issuer?.ca || !below.verify(issuer.publicKey)) return false;
    certificate = issuer;
  }
  return false;
}
