// The first step of `npm start` and `npm test`, run by whatever Node is there (20 or later) before any package
// is: installs the packages of the lockfile, Node 24 among them, and a redis-server where one is needed and
// may be installed. Does nothing, quickly, where all is there. Standard output belongs to the next step.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
// Where redis.ts looks, so that both agree on whether one is there.
const REDIS_FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin'];

// Debian starts what it installs, and again at each boot. We start our own, so the distribution's must rest.
const INSTALL_REDIS = `
set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes
apt-get -qq update
apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends redis-server >/dev/null
if command -v systemctl >/dev/null; then systemctl --quiet disable redis-server || true; fi
`;

const root = fileURLToPath(new URL('../..', import.meta.url));

installPackages();
checkNode();
if (
  !isSet('REDIS_URL') &&
  !isSet('REDIS_URL_FILE') &&
  !findProgram('redis-server', REDIS_FOLDERS)
) {
  installRedis();
}

function installPackages() {
  const lockfile = readFileSync(path.join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lockfile).digest('hex');
  const stamp = path.join(root, 'node_modules', '.portreeve-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Installing the packages of package-lock.json, once ...');
  // npm names itself to its scripts; it need not be on PATH then.
  const npm = process.env['npm_execpath'];
  const [command, ...first] = npm?.endsWith('npm-cli.js') ? [process.execPath, npm] : ['npm'];
  // Not `npm ci`: it refuses a lockfile that leaves out binaries of platforms on which it was not made.
  // Without saving, the lockfile stays as it is, and what it names is installed at its versions and hashes.
  const args = [...first, 'install', '--no-save', '--no-fund', '--no-audit', '--loglevel=error'];
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

function installRedis() {
  const advice = 'install redis-server (7 or later), or set REDIS_URL to a Redis that runs';
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  if (!findProgram('apt-get', folders)) fail(`No redis-server here: ${advice}`);
  const isRoot = process.getuid?.() === 0;
  const maySudo = !isRoot && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  if (!isRoot && !maySudo) fail(`No redis-server here, and no right to install it: ${advice}`);
  say('Installing redis-server with apt-get, once ...');
  const shell = ['sh', '-c', INSTALL_REDIS];
  const done = isRoot ? run(shell[0], shell.slice(1)) : run('sudo', ['-n', ...shell]);
  if (!done || !findProgram('redis-server', REDIS_FOLDERS)) {
    fail(`apt-get could not install redis-server, see above: ${advice}`);
  }
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
