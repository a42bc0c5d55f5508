import process from 'node:process';

const answer = (text) => process.send({ text, uninspectable: null, failed: null });

const COMMANDS = {
  echo: () => answer('echo'),
  who: () => answer(String(process.pid)),
  die: () => process.exit(3),
  hang() {
    for (;;);
  },
  grow() {
    const kept = [];
    setInterval(() => kept.push(Buffer.alloc(50_000_000, 1)), 20);
  },
  powers() {
    const write = process.permission.has('fs.write');
    const child = process.permission.has('child');
    const state = process.permission.has('fs.read', new URL('../../var', import.meta.url).pathname);
    const names = Object.keys(process.env).length;
    answer(`env: ${names}, write: ${write}, child: ${child}, state: ${state}`);
  },
};

process.on('message', ({ bytes }) => COMMANDS[Buffer.from(bytes).toString()]());
process.on('disconnect', () => process.exit());
