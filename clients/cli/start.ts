import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pc from 'picocolors';
import { issueToken } from '../../gateway/authentication.ts';
import { startSandbox } from '../../mcp/sandbox/sandbox.ts';
import type { Config } from '../../platform/config.ts';
import { ensureRoles } from '../../platform/database.ts';
import { findFreePort } from '../../platform/embedded/free-port.ts';
import { startEmbeddedServices } from '../../platform/embedded/services.ts';
import { createLogger } from '../../platform/logger.ts';
import { migrate } from '../../scripts/migrate.mjs';
import { createAccount } from './account.ts';
import { rememberFeeds } from './remembered-feeds.ts';
import { createMetrics, runGateway, runRoles } from './roles.ts';
import type { DemoTenant } from './seed.ts';
import { administratorContext, ensureDemoTenant, ensureRun } from './seed.ts';
import type { Services } from './services.ts';
import { openServices } from './services.ts';
import type { StartInput } from './start-options.ts';
import { createSteps } from './steps.ts';

const TOKEN_DAYS = 30;

/** Whole or not at all: somebody may be waiting for the file. */
function writePrivate(file: string, value: unknown): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

async function writeTokens(services: Services, demo: DemoTenant): Promise<void> {
  const { issuer, audience } = services.config.jwt;
  const token = (userId: string) =>
    issueToken({
      secret: services.jwtSecret,
      issuer,
      audience,
      userId,
      tenantId: demo.tenantId,
      expiresIn: `${TOKEN_DAYS}d`,
    });
  writePrivate(path.join(services.config.home, 'tokens.json'), {
    administrator: await token(demo.users.ADMINISTRATOR),
    campaignManager: await token(demo.users.CAMPAIGN_MANAGER),
    contentReviewer: await token(demo.users.CONTENT_REVIEWER),
  });
}

/** Hands the person's mentions to the sandbox; ids are stable, so the same file again brings nothing twice. */
async function feedMentions(sandboxUrl: string, account: string, mentions: StartInput['mentions']): Promise<void> {
  for (let from = 0; from < mentions.length; from += 100) {
    const body = JSON.stringify(mentions.slice(from, from + 100).map((mention) => ({ ...mention, account })));
    const response = await fetch(`${sandboxUrl}/control/mentions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`the sandbox refused the mentions: ${await response.text()}`);
  }
}

/**
 * `chimera start`: everything in this process, against embedded services where no URL says otherwise. Resolves when the
 * platform is ready, with what stops it in order: gateway, swarm, relay, sandbox, pools, Redis and PostgreSQL.
 */
export async function start(config: Config, input: StartInput): Promise<{ stop(): Promise<void> }> {
  const write = (line: string) => process.stdout.write(`${line}\n`);
  const steps = createSteps(input.quiet ? null : write);
  const stops: { name: string; stop(): Promise<unknown> }[] = [];
  const stop = async () => {
    for (const { stop: one } of stops.splice(0).reverse()) await one();
  };
  try {
    mkdirSync(config.home, { recursive: true });
    const logger = createLogger({ level: config.logLevel ?? 'error', name: 'chimera' });
    const embedded = await steps.run('data services', () =>
      startEmbeddedServices({
        home: config.home,
        postgres: !config.database.url,
        redis: !config.redis.url,
        onUnexpectedExit: (error) => logger.error({ err: error }, 'an embedded service ended and is started again'),
      }),
    );
    stops.push({ name: 'data services', stop: embedded.stop });
    // It says "ready": one that an earlier run left behind would say it too soon.
    const endpointsFile = path.join(config.home, 'endpoints.json');
    rmSync(endpointsFile, { force: true });
    stops.push({ name: 'endpoints', stop: async () => rmSync(endpointsFile, { force: true }) });
    const databaseUrl = config.database.url ?? embedded.databaseUrl ?? '';
    await steps.run('database schema', async () => {
      if (config.database.url) await ensureRoles(databaseUrl);
      await migrate(databaseUrl);
    });
    const sandbox = config.outside.sandboxUrl
      ? { url: config.outside.sandboxUrl, close: async () => {} }
      : await steps.run('sandbox (the simulated outside)', async () =>
          startSandbox({
            host: '127.0.0.1',
            port: await findFreePort(),
            dataDir: path.join(config.home, 'sandbox'),
            seed: 1,
          }),
        );
    stops.push({ name: 'sandbox', stop: sandbox.close });
    const port = config.http.port === 0 ? await findFreePort() : config.http.port;
    const gatewayUrl = `http://${config.http.host.includes(':') ? `[${config.http.host}]` : config.http.host}:${port}`;
    const redisUrl = config.redis.url ?? embedded.redisUrl ?? '';
    const newsFeeds = rememberFeeds(config.home, [...config.outside.newsFeeds, ...input.feeds]);
    const services = await steps.run('MCP servers and models', () =>
      openServices(
        { ...config, http: { ...config.http, port } },
        { databaseUrl, redisUrl, gatewayUrl: config.http.publicUrl ?? gatewayUrl, sandboxUrl: sandbox.url },
        newsFeeds,
        logger,
      ),
    );
    stops.push({ name: 'pools', stop: services.close });
    await services.redis.ping();
    const demo = await ensureDemoTenant(services);
    const metrics = createMetrics();
    const gateway = await steps.run('gateway', () => runGateway(services, metrics));
    const account = createAccount({
      database: services.relayDatabase,
      graphqlUrl: `${gateway.url}/graphql`,
      write,
      onError: (error) => logger.warn({ err: error }, 'the account missed an event'),
    });
    stops.push({ name: 'account', stop: account.idle });
    const swarm = runRoles(
      services,
      ['planner', 'worker', 'judge', 'effects', 'relay'],
      metrics,
      input.quiet ? undefined : account.take,
    );
    stops.push({ name: 'swarm', stop: swarm.stop }, { name: 'gateway', stop: gateway.close });
    const run = input.run ? await ensureRun(administratorContext(services, demo), input.run) : null;
    if (run && input.mentions.length > 0 && !config.outside.twitter)
      await feedMentions(sandbox.url, run.account, input.mentions);
    await writeTokens(services, demo);
    writePrivate(endpointsFile, {
      gateway: gateway.url,
      graphql: `${gateway.url}/graphql`,
      sandbox: sandbox.url,
      postgres: databaseUrl,
      redis: redisUrl,
    });
    if (!input.quiet) greet(write, services, gateway.url, sandbox.url, run);
    return { stop };
  } catch (error) {
    steps.fail();
    await stop();
    throw error;
  }
}

function greet(
  write: (line: string) => void,
  services: Services,
  gatewayUrl: string,
  sandboxUrl: string,
  run: { created: boolean } | null,
): void {
  const { home } = services.config;
  const relative = path.relative(process.cwd(), home);
  const local = relative.startsWith('..') ? home : relative;
  write('');
  write(`${pc.bold('Chimera is ready')}  ${pc.dim(`(${services.model.description})`)}`);
  write(`  GraphQL and GraphiQL  ${pc.underline(`${gatewayUrl}/graphql`)}`);
  write(`  what was published    ${pc.underline(`${sandboxUrl}/posts`)}`);
  write(
    `  bearer tokens         ${path.join(local, 'tokens.json')}   addresses  ${path.join(local, 'endpoints.json')}`,
  );
  write(`  ${pc.dim('Ctrl-C stops everything; the next start goes on where this one stopped.')}`);
  if (run && !run.created)
    write(`  ${pc.dim('This campaign exists already: it goes on; give other --goals for another one.')}`);
  write('');
}
