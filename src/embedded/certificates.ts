import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import forge from 'node-forge';

/** Files of one certificate, PEM. */
export interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

const YEARS = 3;

/**
 * A certificate authority of this machine's own, and server certificates that it signs: for the
 * demo and for a first start without certificates. Made once, found again afterwards.
 * @param dir holds `ca.pem` and `<name>.pem`, `<name>.key`
 */
export async function ownCertificates(
  dir: string,
  names: string[],
  at: Date,
): Promise<{ caFile: string; servers: Record<string, CertificateFiles> }> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const caFile = path.join(dir, 'ca.pem');
  const caFiles = { certFile: caFile, keyFile: path.join(dir, 'ca.key') };
  const ca = await keep(caFiles, at, null, () =>
    make('Portreeve demo CA', at, [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ]),
  );
  const servers: Record<string, CertificateFiles> = {};
  for (const name of names) {
    const files = {
      certFile: path.join(dir, `${name}.pem`),
      keyFile: path.join(dir, `${name}.key`),
    };
    await keep(files, at, ca, () =>
      make(
        name,
        at,
        [
          { name: 'basicConstraints', cA: false },
          { name: 'extKeyUsage', serverAuth: true },
          { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
        ],
        ca,
      ),
    );
    servers[name] = files;
  }
  return { caFile, servers };
}

interface Pair {
  cert: string;
  key: string;
}

/** Issued by `ca`, or by itself. RSA keys, since that is what the library signs with. */
function make(name: string, at: Date, extensions: object[], ca?: Pair): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // Positive and without needless zeros, as DER wants it: the first bit is the sign.
  certificate.serialNumber = `4${randomBytes(16).toString('hex').slice(1)}`;
  // An hour back, so that a clock a little slow does not refuse what was just made.
  certificate.validity.notBefore = new Date(at.getTime() - 3_600_000);
  certificate.validity.notAfter = new Date(at);
  certificate.validity.notAfter.setUTCFullYear(at.getUTCFullYear() + YEARS);
  const subject = [{ name: 'commonName', value: name }];
  certificate.setSubject(subject);
  certificate.setIssuer(ca ? forge.pki.certificateFromPem(ca.cert).subject.attributes : subject);
  certificate.setExtensions(extensions);
  const signer = forge.pki.privateKeyFromPem(ca?.key ?? privateKey);
  certificate.sign(signer, forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: privateKey };
}

/** What lies there, unless it is missing, expired or not of this authority. */
async function keep(
  { certFile, keyFile }: CertificateFiles,
  at: Date,
  ca: Pair | null,
  maker: () => Pair,
): Promise<Pair> {
  try {
    const found = { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
    if (isGood(found.cert, at, ca ?? found)) return found;
  } catch {
    // Nothing to keep: it is made below.
  }
  const pair = maker();
  await writeFile(keyFile, pair.key, { mode: 0o600 });
  await writeFile(certFile, pair.cert);
  return pair;
}

function isGood(cert: string, at: Date, issuer: Pair): boolean {
  const certificate = new X509Certificate(cert);
  const isValid = certificate.validFromDate <= at && at < certificate.validToDate;
  return isValid && certificate.verify(new X509Certificate(issuer.cert).publicKey);
}
