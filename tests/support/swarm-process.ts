import { createMetrics, runRoles } from '../../clients/cli/roles.ts';
import { openServices } from '../../clients/cli/services.ts';
import { readConfig } from '../../platform/config.ts';
import { createLogger } from '../../platform/logger.ts';
import { createScriptedModel, SURE } from './scripted-model.ts';

// The whole swarm in a process of its own, wired as `chimera start` does it, with a model that is sure of everything and
// costs 1,000 micro-USD a call: for tests that kill it. Says "ready" on its standard output.
const config = readConfig(process.env);
const logger = createLogger({ level: config.logLevel ?? 'silent', name: 'killed' });
const services = await openServices(
  config,
  {
    databaseUrl: config.database.url ?? '',
    redisUrl: config.redis.url ?? '',
    gatewayUrl: 'http://127.0.0.1:9',
    sandboxUrl: config.outside.sandboxUrl,
  },
  [],
  logger,
);
const swarm = { ...services.swarm, model: createScriptedModel({ ...SURE }, 1_000) };
runRoles({ ...services, swarm }, ['planner', 'worker', 'judge', 'effects', 'relay'], createMetrics());
process.stdout.write('ready\n');
