// The first step of `npm start` and `npm test`, run by whatever Node is there (20 or later) before any package
// is: installs the packages of the lockfile, Node 24 among them, and a redis-server where one is needed and
// may be installed. With `--test` also the Debian programs that tests drive; without them those tests skip.
// Does nothing, quickly, where all is there. Standard output belongs to the next step.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const REDIS = 'redis-server';
// Where redis.ts looks, so that both agree on whether one is there.
const REDIS_FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin'];
/** What tests drive, by the Debian package that brings it. */
const TEST_PROGRAMS = {
  chromium: ['chromium'],
  'clamav-daemon': ['clamd'],
  gnupg: ['gpg', 'gpgconf'],
  knot: ['knotd', 'keymgr'],
  openssl: ['openssl'],
  postfix: ['smtp-source'],
  rnp: ['rnp', 'rnpkeys'],
  sq: ['sq'],
  swaks: ['swaks'],
  unbound: ['unbound'],
};
/** What a program needs besides, and Debian only recommends: swaks speaks TLS through it. */
const COMPANIONS = { swaks: ['libnet-ssleay-perl'] };

// Debian starts what it installs, and again at each boot. We start our own, so the distribution's must rest. What
// needs the network is timed; unpacking is not, because dpkg must not be cut short. Nothing may be removed for it.
const APT_INSTALL = `
set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes
timeout 120 apt-get -qq update
known=
for package; do
  if apt-cache show "$package" >/dev/null 2>&1; then known="$known $package"; fi
done
install="apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-remove --no-install-recommends"
timeout 300 $install --download-only $known >/dev/null
$install $known >/dev/null
if command -v systemctl >/dev/null; then
  for unit in $known clamav-freshclam; do systemctl --quiet disable "$unit" 2>/dev/null || true; done
fi
`;

const root = fileURLToPath(new URL('../..', import.meta.url));

const forTests = process.argv.includes('--test');

installPackages();
checkNode();
installPrograms();

function installPackages() {
  const lockfile = readFileSync(path.join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lockfile).digest('hex');
  const stamp = path.join(root, 'node_modules', '.portreeve-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Installing the packages of package-lock.json, once ...');
  // npm names itself to its scripts; it need not be on PATH then.
  const npm = process.env['npm_execpath'];
  const [command, ...first] = npm?.endsWith('npm-cli.js') ? [process.execPath, npm] : ['npm'];
  const args = [...first, 'ci', '--no-fund', '--no-audit', '--loglevel=error'];
  if (!run(command, args)) fail('Packages could not be installed: is the npm registry reachable?');
  writeFileSync(stamp, wanted);
}

function checkNode() {
  const own = path.join(root, 'node_modules', '.bin', 'node');
  if (existsSync(own) || Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return;
  fail(
    `Node ${NODE_MAJOR} is needed, this is ${process.version}, and npm has no build of it for ` +
      `${process.platform} ${process.arch}: install Node ${NODE_MAJOR} and run the command again`,
  );
}

/** One run of apt-get for all that is missing. Without Redis nothing works; without the others tests skip. */
function installPrograms() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const hindrance = whyNotInstall();
  if (!hindrance) {
    say(`Installing with apt-get, once: ${missing.join(', ')} ...`);
    const wanted = missing.flatMap((name) => [name, ...(COMPANIONS[name] ?? [])]);
    const shell = ['sh', '-c', APT_INSTALL, 'sh', ...wanted];
    const [command, ...args] = isRoot() ? shell : ['sudo', '-n', ...shell];
    run(command, args);
  }
  const lacking = missingPackages();
  const reason = hindrance ?? 'apt-get could not install it, see above';
  if (lacking.includes(REDIS)) {
    fail(
      `No redis-server here: ${reason}. Install redis-server (7 or later), or set REDIS_URL to a Redis that runs`,
    );
  }
  if (lacking.length > 0) {
    say(`The tests that need ${lacking.join(', ')} will be skipped: ${reason}`);
  }
}

function missingPackages() {
  const missing = [];
  const hasRedis = isSet('REDIS_URL') || isSet('REDIS_URL_FILE');
  if (!hasRedis && !findProgram('redis-server', REDIS_FOLDERS)) missing.push(REDIS);
  if (!forTests) return missing;
  const folders = programFolders();
  for (const [name, programs] of Object.entries(TEST_PROGRAMS)) {
    // Debian has one mail system at a time, and whoever has another wants to keep it.
    if (name === 'postfix' && findProgram('sendmail', folders)) continue;
    if (!programs.every((program) => findProgram(program, folders))) missing.push(name);
  }
  return missing;
}

/** What keeps us from installing; `undefined` where nothing does. */
function whyNotInstall() {
  if (!findProgram('apt-get', programFolders())) return 'there is no apt-get here';
  const maySudo = isRoot() || spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  return maySudo ? undefined : 'no right to install it';
}

function isRoot() {
  return process.getuid?.() === 0;
}

/** PATH, and the folder of servers beside each of its own: `/usr/sbin` is not on everybody's PATH. */
function programFolders() {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  return folders.flatMap((folder) => [folder, folder.replace(/bin$/, 'sbin')]);
}

/** Whether it succeeded. What it says goes to standard error. */
function run(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] }).status === 0;
}

function findProgram(name, folders) {
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function isSet(name) {
  return Boolean(process.env[name]);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
