// `npm test`: prepares what is missing, then runs vitest with the arguments given (`npm test -- tests/domain`).
import { prepare } from './prepare.mjs';
import { runChild } from './run-child.mjs';

await prepare({ needsRedis: true });
runChild(['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]);
