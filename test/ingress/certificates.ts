import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificate {
  cert: string;
  key: string;
}

/** Makes a certificate with the `openssl` program: self-signed, or signed by `issuer`. */
export function makeCertificate(
  name: string,
  issuer?: TestCertificate,
  ca = false,
): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'portreeve-certificate-'));
  const openssl = (args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  try {
    openssl('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key'.split(' '));
    const signedBy = issuer ? ['-CA', 'issuer', '-CAkey', 'issuer-key'] : [];
    writeFileSync(join(folder, 'issuer'), issuer?.cert ?? '');
    writeFileSync(join(folder, 'issuer-key'), issuer?.key ?? '');
    const constraints = `basicConstraints=critical,CA:${ca ? 'TRUE' : 'FALSE'}`;
    const names = ca ? [] : ['-addext', `subjectAltName=DNS:${name}`];
    const subject = ['-subj', `/CN=${name}`, '-addext', constraints, ...names];
    openssl([...'req -new -x509 -key key -days 2 -out cert'.split(' '), ...subject, ...signedBy]);
    return { cert: read('cert'), key: read('key') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
