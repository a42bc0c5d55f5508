import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';

/** GnuPG with a home of its own, as a recipient would have it. */
export interface Gpg {
  /** Makes a key without passphrase and gives it armoured. */
  makeKey(address: string, kind: 'rsa' | 'curve25519', more?: string[]): string;
  importKey(armored: string): void;
  decrypt(armored: string): { plain: Buffer; report: string };
  close(): void;
}

export function startGpg(): Gpg {
  // Directly under /tmp: the agent's socket path must stay short.
  const home = mkdtempSync('/tmp/gpg-');
  const options = [
    '--homedir',
    home,
    '--batch',
    '--quiet',
    '--no-tty',
    '--pinentry-mode',
    'loopback',
  ];
  const run = (args: string[], input?: string): Buffer =>
    execFileSync('gpg', [...options, ...args], { input, stdio: 'pipe' });
  return {
    makeKey(address, kind, more = []) {
      const algorithms =
        kind === 'rsa'
          ? ['Key-Type: RSA', 'Key-Length: 2048', 'Subkey-Type: RSA', 'Subkey-Length: 2048']
          : ['Key-Type: EDDSA', 'Key-Curve: ed25519', 'Subkey-Type: ECDH', 'Subkey-Curve: cv25519'];
      const lines = [...algorithms, 'Key-Usage: sign', 'Subkey-Usage: encrypt'];
      const script = [
        '%no-protection',
        ...lines,
        `Name-Email: ${address}`,
        'Expire-Date: 1y',
        '%commit',
      ];
      run([...more, '--gen-key'], `${script.join('\n')}\n`);
      return run(['--armor', '--export', address]).toString();
    },
    importKey: (armored) => void run(['--import'], armored),
    decrypt(armored) {
      const result = spawnSync('gpg', [...options, '--status-fd', '2', '--decrypt'], {
        input: armored,
        maxBuffer: 2 ** 27,
      });
      const report = result.stderr.toString();
      // The exit code is not 0 either where gpg only lacks the key of a signature.
      if (!report.includes('DECRYPTION_OKAY')) throw new Error(`gpg failed: ${report}`);
      return { plain: result.stdout, report };
    },
    close() {
      execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'pipe' });
      rmSync(home, { recursive: true, force: true });
    },
  };
}
