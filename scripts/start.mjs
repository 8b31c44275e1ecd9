// `npm start`: prepares what is missing, then runs the platform in the foreground.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { startHelp } from './options.mjs';
import { prepare, ROOT } from './prepare.mjs';
import { runChild } from './run-child.mjs';

const args = process.argv.slice(2);

if (args.includes('--help') || args.includes('-h')) {
  console.log(startHelp());
} else {
  const envFile = path.join(ROOT, '.env');
  if (existsSync(envFile)) process.loadEnvFile(envFile); // what is set already wins
  await prepare({ needsRedis: !process.env.REDIS_URL });
  runChild(['--import', 'tsx', 'clients/cli/main.ts', 'start', ...args]);
}
