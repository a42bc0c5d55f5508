import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM. */
export interface Certificate {
  key: string;
  cert: string;
}

export interface CertificateWish {
  /** DNS names of the server. */
  names: string[];
  expired?: boolean;
  selfSigned?: boolean;
}

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const made = new Map<string, Certificate>();
let authority: (Certificate & { directory: string }) | null = null;

/** The test CA; made once a run, by the `openssl` command. */
export function certificateAuthority(): Certificate {
  if (authority) return authority;
  const directory = mkdtempSync(join(tmpdir(), 'certificates-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  openssl(directory, ['req', '-x509', ...EC_KEY, '-days', '2', '-subj', '/CN=Test CA'], 'ca');
  authority = { directory, ...read(directory, 'ca') };
  return authority;
}

/** A server certificate of the test CA, or one that nobody signed. */
export function certificateFor(wish: CertificateWish): Certificate {
  const key = JSON.stringify(wish);
  const known = made.get(key);
  if (known) return known;
  certificateAuthority();
  const directory = authority?.directory ?? '';
  const name = `server-${made.size}`;
  const names = wish.names.map((entry) => `DNS:${entry}`).join(',');
  const subject = ['-subj', '/CN=Test server', '-addext', `subjectAltName=${names}`];
  if (wish.selfSigned) {
    openssl(directory, ['req', '-x509', ...EC_KEY, '-days', '2', ...subject], name);
  } else {
    const request = join(directory, `${name}.csr`);
    const keyFile = join(directory, `${name}.key`);
    const args = ['req', '-new', ...EC_KEY, ...subject, '-keyout', keyFile, '-out', request];
    execFileSync('openssl', args, { stdio: 'pipe' });
    const extensions = join(directory, `${name}.ext`);
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    sign(directory, name, wish.expired ? '-1' : '2');
  }
  const certificate = read(directory, name);
  made.set(key, certificate);
  return certificate;
}

function sign(directory: string, name: string, days: string): void {
  const at = (file: string): string => join(directory, file);
  const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'];
  const files = [
    '-in',
    at(`${name}.csr`),
    '-extfile',
    at(`${name}.ext`),
    '-out',
    at(`${name}.pem`),
  ];
  execFileSync('openssl', ['x509', '-req', ...signer, ...files, '-days', days], { stdio: 'pipe' });
}

function openssl(directory: string, args: string[], name: string): void {
  const out = ['-keyout', join(directory, `${name}.key`), '-out', join(directory, `${name}.pem`)];
  execFileSync('openssl', [...args, ...out], { stdio: 'pipe' });
}

function read(directory: string, name: string): Certificate {
  return {
    key: readFileSync(join(directory, `${name}.key`), 'utf8'),
    cert: readFileSync(join(directory, `${name}.pem`), 'utf8'),
  };
}
