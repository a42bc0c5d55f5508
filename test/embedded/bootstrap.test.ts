import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const BOOTSTRAP = path.resolve(import.meta.dirname, '../../src/embedded/bootstrap.mjs');

// Stands for npm: notes how it was called, and installs or fails as the file beside it says.
const NPM = `
const fs = require('node:fs');
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
console.log('npm says something');
if (fs.existsSync('npm-fails')) process.exit(1);
fs.mkdirSync('node_modules', { recursive: true });
`;

let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(path.join(tmpdir(), 'portreeve-bootstrap-'));
  mkdirSync(path.join(checkout, 'src/embedded'), { recursive: true });
  cpSync(BOOTSTRAP, path.join(checkout, 'src/embedded/bootstrap.mjs'));
  writeFileSync(path.join(checkout, 'package-lock.json'), '{"lockfileVersion":3}');
  writeFileSync(path.join(checkout, 'npm-cli.js'), NPM);
});

afterEach(() => rmSync(checkout, { recursive: true }));

function bootstrap(cwd = checkout, more: { args?: string[]; PATH?: string } = {}) {
  const file = path.join(checkout, 'src/embedded/bootstrap.mjs');
  return spawnSync(process.execPath, [file, ...(more.args ?? [])], {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: more.PATH ?? '/usr/bin:/bin',
      npm_execpath: path.join(checkout, 'npm-cli.js'),
      REDIS_URL: 'redis://127.0.0.1:1',
    },
  });
}

function npmCalls(): string[] {
  const file = path.join(checkout, 'npm-calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}

describe('bootstrap.mjs', () => {
  it('installs the packages once, and says so on standard error only', () => {
    const first = bootstrap();
    expect(first).toMatchObject({ status: 0, stdout: '' });
    expect(first.stderr).toContain('Installing the packages');
    expect(npmCalls()).toEqual([expect.stringMatching(/^ci /)]);
    expect(bootstrap()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(npmCalls()).toHaveLength(1);
  });

  it('installs again when the lockfile has changed or the packages are gone', () => {
    bootstrap();
    writeFileSync(path.join(checkout, 'package-lock.json'), '{"lockfileVersion":3,"packages":{}}');
    bootstrap();
    expect(npmCalls()).toHaveLength(2);
    rmSync(path.join(checkout, 'node_modules'), { recursive: true });
    bootstrap();
    expect(npmCalls()).toHaveLength(3);
  });

  it('fails in one clear line when npm fails, and tries again the next time', () => {
    writeFileSync(path.join(checkout, 'npm-fails'), '');
    const failed = bootstrap();
    expect(failed).toMatchObject({ status: 1, stdout: '' });
    expect(failed.stderr).toContain('Packages could not be installed');
    rmSync(path.join(checkout, 'npm-fails'));
    expect(bootstrap().status).toBe(0);
    expect(npmCalls()).toHaveLength(2);
  });

  it('works from any folder', () => {
    expect(bootstrap(tmpdir()).status).toBe(0);
    expect(npmCalls()).toHaveLength(1);
  });

  describe('with --test', () => {
    const PROGRAMS = ['bin/chromium', 'sbin/clamd', 'bin/gpg', 'bin/gpgconf', 'bin/openssl'].concat(
      ['sbin/knotd', 'sbin/keymgr', 'bin/rnp', 'bin/rnpkeys', 'bin/sq', 'bin/swaks'],
      ['sbin/unbound', 'sbin/smtp-source'],
    );
    /** A machine of which only these programs are known, and which has no apt-get. */
    function machineWith(programs: string[]): string {
      for (const program of programs) {
        mkdirSync(path.join(checkout, path.dirname(program)), { recursive: true });
        writeFileSync(path.join(checkout, program), '', { mode: 0o755 });
      }
      return path.join(checkout, 'bin');
    }

    it('has nothing to do where all programs that tests drive are there', () => {
      bootstrap();
      const PATH = machineWith(PROGRAMS);
      expect(bootstrap(checkout, { args: ['--test'], PATH })).toMatchObject({
        status: 0,
        stdout: '',
        stderr: '',
      });
    });

    it('says which tests will be skipped where programs are missing and cannot be installed', () => {
      bootstrap();
      const PATH = machineWith(PROGRAMS.filter((name) => !/knotd|rnpkeys/.test(name)));
      expect(bootstrap(checkout, { args: ['--test'], PATH })).toMatchObject({
        status: 0,
        stdout: '',
        stderr: 'The tests that need knot, rnp will be skipped: there is no apt-get here\n',
      });
      expect(bootstrap(checkout, { PATH }).stderr).toBe('');
    });

    it('brings no Postfix to a machine that has a mail system', () => {
      bootstrap();
      const without = PROGRAMS.filter((name) => !name.endsWith('smtp-source'));
      const lacking = bootstrap(checkout, { args: ['--test'], PATH: machineWith(without) });
      expect(lacking.stderr).toContain('need postfix');
      const PATH = machineWith(['sbin/sendmail']);
      expect(bootstrap(checkout, { args: ['--test'], PATH }).stderr).toBe('');
    });
  });
});

describe('package-lock.json', () => {
  it('names the optional packages of every platform, without which `npm ci` refuses it', () => {
    const file = path.resolve(import.meta.dirname, '../../package-lock.json');
    const { packages } = JSON.parse(readFileSync(file, 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const wanted = Object.values(packages).flatMap((each) =>
      Object.keys(each.optionalDependencies ?? {}),
    );
    expect(wanted.length).toBeGreaterThan(20);
    const named = new Set(
      Object.keys(packages).map((place) => place.split('node_modules/').at(-1)),
    );
    expect(wanted.filter((name) => !named.has(name))).toEqual([]);
  });
});
