import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startGpg } from './gpg.ts';

/** A recipient's OpenPGP program, with keys of its own. */
export interface PgpReader {
  name: string;
  /** Makes the recipient's key and gives its public half, armoured. */
  makeKey: (address: string) => string;
  /** Decrypts, and checks the signature against the signer's public key. */
  open: (armored: string, signer: string) => { plain: Buffer; signatureIsGood: boolean };
  close: () => void;
}

/** Before the time at which a hand-cranked gateway begins. */
const MADE = '2026-11-01';

/** GnuPG; RNP, the library of Thunderbird; Sequoia. */
const PROGRAMS: Record<
  string,
  { program: string; start: (dir: string) => Omit<PgpReader, 'name'> }
> = {
  GnuPG: { program: 'gpg', start: gpgReader },
  RNP: { program: 'rnp', start: rnpReader },
  Sequoia: { program: 'sq', start: sqReader },
};

/** Those that this machine has, each in a folder of its own, and the names of those that it lacks. */
export function startPgpReaders(): { readers: PgpReader[]; missing: string[] } {
  const there = Object.entries(PROGRAMS).filter(
    ([, { program }]) => spawnSync(program, ['--version']).error === undefined,
  );
  const readers = there.map(([name, { start }]): PgpReader => {
    // Directly under /tmp: the agent's socket path must stay short.
    const dir = mkdtempSync('/tmp/pgp-');
    const reader = start(dir);
    return {
      name,
      ...reader,
      close() {
        reader.close();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  });
  const missing = Object.keys(PROGRAMS).filter((name) => !there.some(([found]) => found === name));
  return { readers, missing };
}

const ROOM = { maxBuffer: 2 ** 27 };

function run(program: string, args: string[]): { stdout: Buffer; report: string } {
  const { status, stdout, stderr, error } = spawnSync(program, args, ROOM);
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr.toString()}`);
  return { stdout, report: stderr.toString() };
}

function gpgReader(): Omit<PgpReader, 'name'> {
  const gpg = startGpg();
  return {
    makeKey: (address) =>
      gpg.makeKey(address, 'curve25519', ['--faked-system-time', '20261101T000000']),
    open(armored, signer) {
      gpg.importKey(signer);
      const { plain, report } = gpg.decrypt(armored);
      return { plain, signatureIsGood: /GOODSIG/.test(report) && /GOODMDC/.test(report) };
    },
    close: () => gpg.close(),
  };
}

function rnpReader(dir: string): Omit<PgpReader, 'name'> {
  const options = ['--homedir', dir, '--notty'];
  return {
    makeKey(address) {
      const made = ['--password', '', '--current-time', MADE, '--generate-key'];
      run('rnpkeys', [...options, ...made, '--userid', address]);
      return run('rnpkeys', [...options, '--export-key', address]).stdout.toString();
    },
    open(armored, signer) {
      const [file, key] = [path.join(dir, 'message.asc'), path.join(dir, 'signer.asc')];
      writeFileSync(file, armored);
      writeFileSync(key, signer);
      run('rnpkeys', [...options, '--import', key]);
      const decrypt = ['--password', '', '--current-time', '2026-12-01', '--decrypt', file];
      const { stdout, report } = run('rnp', [...options, ...decrypt, '--output', '-']);
      return { plain: stdout, signatureIsGood: /Good signature made/.test(report) };
    },
    close: () => {},
  };
}

function sqReader(dir: string): Omit<PgpReader, 'name'> {
  const key = path.join(dir, 'key.pgp');
  return {
    makeKey(address) {
      const made = ['--creation-time', `${MADE}T00:00:00Z`, '--export', key];
      run('sq', ['key', 'generate', '--userid', `<${address}>`, ...made]);
      return run('sq', ['key', 'extract-cert', key]).stdout.toString();
    },
    open(armored, signer) {
      const [file, cert] = [path.join(dir, 'message.asc'), path.join(dir, 'signer.asc')];
      writeFileSync(file, armored);
      writeFileSync(cert, signer);
      // Fails where the one signature that it asks for is not good.
      const wanted = ['--signatures', '1', '--signer-cert', cert, '--recipient-key', key];
      const { stdout } = run('sq', ['decrypt', ...wanted, file]);
      return { plain: stdout, signatureIsGood: true };
    },
    close: () => {},
  };
}
