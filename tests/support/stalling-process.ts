import { createMetrics, runRoles } from '../../clients/cli/roles.ts';
import { openServices } from '../../clients/cli/services.ts';
import { readConfig } from '../../platform/config.ts';
import type { Database, TenantDatabase } from '../../platform/database.ts';
import { createLogger } from '../../platform/logger.ts';
import type { SwarmResources } from '../../swarm/resources.ts';
import { createScriptedModel, SURE } from './scripted-model.ts';

// One role in a process of its own that freezes itself, once, in the middle of its work: STALL says where. It says
// "frozen" on its standard output right before; whoever started it sends SIGCONT.
const config = readConfig(process.env);
const logger = createLogger({ level: config.logLevel ?? 'silent', name: 'stalling' });
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

let frozen = false;
function freeze(): void {
  if (frozen) return;
  frozen = true;
  process.stdout.write('frozen\n');
  process.kill(process.pid, 'SIGSTOP');
}

const model = createScriptedModel({ ...SURE });
const { mcp, database } = services.swarm;

/** Freezes after the commit of a claim. */
const freezeAfterClaim = (db: TenantDatabase): TenantDatabase => ({
  ...db,
  tenantId: db.tenantId,
  prisma: db.prisma,
  query: (text, values) => db.query(text, values),
  async transaction(work) {
    const value = await db.transaction(work);
    if (value !== null && typeof value === 'object' && 'claimToken' in value) freeze();
    return value;
  },
});

const STALLS: Record<string, { role: 'worker' | 'effects'; resources: Partial<SwarmResources> }> = {
  'in the model': {
    role: 'worker',
    resources: {
      model: createScriptedModel({
        ...SURE,
        WRITE_POST(answer) {
          freeze();
          return { ...(answer as object), probability: 1 };
        },
      }),
    },
  },
  'after the answer': {
    role: 'effects',
    resources: {
      mcp: {
        ...mcp,
        async call(server, tool, args, output, context) {
          const answer = await mcp.call(server, tool, args, output, context);
          if (tool === 'post_tweet') freeze();
          return answer;
        },
      },
    },
  },
  'before the call': {
    role: 'effects',
    resources: { database: { ...database, tenant: (id) => freezeAfterClaim(database.tenant(id)) } satisfies Database },
  },
};
const stall = STALLS[process.env.STALL ?? ''];
if (!stall) throw new Error(`STALL should be one of: ${Object.keys(STALLS).join(', ')}`);
runRoles({ ...services, swarm: { ...services.swarm, model, ...stall.resources } }, [stall.role], createMetrics());
process.stdout.write('ready\n');
