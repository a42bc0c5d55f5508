import { startPostgres } from '../../src/embedded/postgres.ts';
import { startRedis } from '../../src/embedded/redis.ts';

// Run as a process of its own: `engine-process.ts postgres|redis DIR`. Says the URL, stops when
// told.
const [kind, dir = ''] = process.argv.slice(2);
const engine =
  kind === 'redis'
    ? await startRedis({ dir })
    : await startPostgres({ dir, settings: { fsync: 'off' } });
process.on('message', () => {
  void engine.stop().then(() => process.exit(0));
});
process.send?.(engine.url);
