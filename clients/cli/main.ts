import { mkdirSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { Config } from '../../platform/config.ts';
import { ConfigError, readConfig } from '../../platform/config.ts';
import { ensureRoles } from '../../platform/database.ts';
import { createLogger } from '../../platform/logger.ts';
import { migrate } from '../../scripts/migrate.mjs';
import { START_OPTIONS } from '../../scripts/options.mjs';
import type { SwarmRole } from '../../swarm/resources.ts';
import { auditExport, auditVerify } from './audit.ts';
import { explainFailure } from './explain-failure.ts';
import type { Stoppable } from './roles.ts';
import { createMetrics, runGateway, runRoles } from './roles.ts';
import { openServices } from './services.ts';
import { start } from './start.ts';
import { readStartInput, startOptionsSchema, UsageError } from './start-options.ts';

const STOP_WITHIN_MS = 9_500;
const ROLES: readonly SwarmRole[] = ['planner', 'worker', 'judge', 'effects', 'relay'];

/** Waits for SIGINT or SIGTERM, then stops everything in order. A second signal changes nothing; too slow a stop ends with 1. */
async function runUntilSignal(running: Stoppable, quiet: boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  if (!quiet) process.stdout.write('\nStopping …\n');
  const late = setTimeout(() => {
    process.stderr.write('The stop took too long and was cut short; the next start repairs what is open.\n');
    process.exit(1);
  }, STOP_WITHIN_MS);
  await running.stop();
  clearTimeout(late);
  if (!quiet) process.stdout.write('Stopped.\n');
}

/** One role in a process of its own: what the containers run. Needs DATABASE_URL and REDIS_URL of running services. */
async function startRole(config: Config, role: 'gateway' | SwarmRole): Promise<Stoppable> {
  const { database, redis, outside, http } = config;
  if (!database.url || !redis.url)
    throw new UsageError(
      `chimera ${role} needs DATABASE_URL and REDIS_URL; npm start runs everything with embedded services.`,
    );
  mkdirSync(config.home, { recursive: true });
  const logger = createLogger({ level: config.logLevel ?? 'info', name: `chimera-${role}` });
  const gatewayUrl = http.publicUrl ?? `http://${http.host}:${http.port}`;
  const services = await openServices(
    config,
    { databaseUrl: database.url, redisUrl: redis.url, gatewayUrl, sandboxUrl: outside.sandboxUrl },
    outside.newsFeeds,
    logger,
  );
  const metrics = createMetrics();
  try {
    await Promise.all([services.database.ping(), services.redis.ping()]);
    const running =
      role === 'gateway'
        ? await runGateway(services, metrics).then((gateway) => ({ stop: gateway.close }))
        : runRoles(services, [role], metrics);
    logger.info({ role }, 'ready');
    return {
      async stop() {
        await running.stop();
        await services.close();
      },
    };
  } catch (error) {
    await services.close();
    throw error;
  }
}

const program = new Command('chimera')
  .description('The control plane for fleets of autonomous influencer agents')
  .exitOverride();
const startCommand = program
  .command('start')
  .description('runs everything in one process, with embedded services where no URL is set');
for (const { flags, description } of START_OPTIONS) startCommand.option(flags, description);
startCommand.action(async (options: unknown) => {
  const input = readStartInput(startOptionsSchema.parse(options));
  await runUntilSignal(await start(readConfig(process.env), input), input.quiet);
});
program
  .command('migrate')
  .description('creates the restricted roles and applies the migrations; needs DATABASE_URL of an administrator')
  .action(async () => {
    const { database } = readConfig(process.env);
    if (!database.url) throw new UsageError('chimera migrate needs DATABASE_URL.');
    await ensureRoles(database.url);
    const applied = await migrate(database.url);
    process.stdout.write(applied.length > 0 ? `Applied ${applied.join(', ')}.\n` : 'Nothing to apply.\n');
  });
const audit = program.command('audit').description('the audit log; needs DATABASE_URL, or npm start running');
audit
  .command('verify')
  .description('recomputes the chain of hashes; ends with 1 when it is broken')
  .option('--tenant <id>', 'of one tenant only')
  .option('--file <export>', 'of an export instead of the database')
  .action(async (options: unknown) => {
    process.exitCode = await auditVerify(() => readConfig(process.env), options, process.stdout);
  });
audit
  .command('export')
  .description('prints the entries as lines of JSON that can be verified without the database')
  .option('--tenant <id>', 'of one tenant only')
  .option('--from <time>', 'not before this time')
  .option('--to <time>', 'before this time')
  .action((options: unknown) => auditExport(readConfig(process.env), options, process.stdout));
for (const role of ['gateway', ...ROLES] as const) {
  program
    .command(role)
    .description(`runs the ${role} alone; needs DATABASE_URL and REDIS_URL`)
    .action(async () => runUntilSignal(await startRole(readConfig(process.env), role), true));
}

try {
  await program.parseAsync();
  process.exit(process.exitCode ?? 0);
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  process.stderr.write(
    `${error instanceof ConfigError || error instanceof UsageError ? error.message : explainFailure(error)}\n`,
  );
  process.exit(1);
}
