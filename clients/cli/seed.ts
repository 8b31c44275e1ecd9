import type { Role } from '../../domain/access.ts';
import { PERMISSIONS } from '../../domain/access.ts';
import { createAgent } from '../../domain/agent/create-agent.ts';
import { decodeSoulInput, parseSoul } from '../../domain/agent/soul.ts';
import { createCampaign } from '../../domain/campaign/create-campaign.ts';
import type { DomainContext } from '../../domain/context.ts';
import { newId, newTraceId } from '../../platform/ids.ts';
import type { Services } from './services.ts';

export const DEMO_TENANT = 'Demo';

const DEMO_USERS: readonly { role: Role; email: string; name: string }[] = [
  { role: 'ADMINISTRATOR', email: 'administrator@demo.example', name: 'Ada Administrator' },
  { role: 'CAMPAIGN_MANAGER', email: 'manager@demo.example', name: 'Mika Manager' },
  { role: 'CONTENT_REVIEWER', email: 'reviewer@demo.example', name: 'Rosa Reviewer' },
];

export interface DemoTenant {
  tenantId: string;
  users: Record<Role, string>;
}

/** The demo tenant with one user a role, made on the first start; later starts find it. Safe to run twice. */
export async function ensureDemoTenant(services: Services): Promise<DemoTenant> {
  const { approveThreshold, escalateThreshold } = services.config.review;
  return services.relayDatabase.transaction(async (sql) => {
    await sql.query(
      'INSERT INTO "Tenant" (id, name, "approveThreshold", "escalateThreshold") VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING',
      [newId(), DEMO_TENANT, approveThreshold, escalateThreshold],
    );
    const [tenant] = await sql.query<{ id: string }>('SELECT id FROM "Tenant" WHERE name = $1', [DEMO_TENANT]);
    if (!tenant) throw new Error('the demo tenant could not be made');
    for (const user of DEMO_USERS) {
      await sql.query(
        'INSERT INTO "User" (id, "tenantId", email, name, role) VALUES ($1, $2, $3, $4, $5::"Role") ON CONFLICT ("tenantId", email) DO NOTHING',
        [newId(), tenant.id, user.email, user.name, user.role],
      );
    }
    const users = await sql.query<{ id: string; email: string }>('SELECT id, email FROM "User" WHERE "tenantId" = $1', [
      tenant.id,
    ]);
    const idOf = (role: Role): string =>
      users.find((user) => user.email === DEMO_USERS.find((demo) => demo.role === role)?.email)?.id ?? '';
    return {
      tenantId: tenant.id,
      users: {
        ADMINISTRATOR: idOf('ADMINISTRATOR'),
        CAMPAIGN_MANAGER: idOf('CAMPAIGN_MANAGER'),
        CONTENT_REVIEWER: idOf('CONTENT_REVIEWER'),
      },
    };
  });
}

/** The context in which the demo's administrator acts. */
export const administratorContext = (services: Services, demo: DemoTenant): DomainContext => ({
  tenantId: demo.tenantId,
  actor: {
    name: `user:${demo.users.ADMINISTRATOR}`,
    userId: demo.users.ADMINISTRATOR,
    permissions: new Set(PERMISSIONS),
  },
  db: services.database.tenant(demo.tenantId),
  clock: services.swarm.clock,
  traceId: newTraceId(),
  settings: services.domainSettings,
});

export interface Run {
  /** The example: made only where there is no agent yet. */
  example: boolean;
  soulMarkdown: string;
  goals: string;
  name: string;
}

/**
 * An agent of this persona with an active campaign for these goals. What is there already is kept: the same agent (by name)
 * is used again, and the same goals of an active campaign are not started twice. Throws the domain's typed errors.
 */
export async function ensureRun(
  context: DomainContext,
  run: Run,
): Promise<{ agentId: string; account: string; created: boolean } | null> {
  if (run.example && (await context.db.prisma.agent.count()) > 0) return null;
  const { persona } = parseSoul(decodeSoulInput(run.soulMarkdown));
  const account = persona.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 15);
  const known = await context.db.prisma.agent.findFirst({
    where: { name: persona.name, status: { not: 'ARCHIVED' } },
    orderBy: { createdAt: 'asc' },
  });
  const agentId =
    known?.id ??
    (
      await createAgent(context, {
        name: persona.name,
        soulMarkdown: run.soulMarkdown,
        socialHandles: [{ platform: 'TWITTER', username: account }],
        budgetDailyUsd: '25',
        activate: true,
      })
    ).id;
  const running = await context.db.prisma.campaign.findFirst({
    where: {
      goals: run.goals.trim(),
      status: { in: ['ACTIVE', 'PAUSED', 'COMPLETED'] },
      agents: { some: { agentId } },
    },
  });
  if (running) return { agentId, account, created: false };
  await createCampaign(context, {
    agentIds: [agentId],
    name: run.name,
    goals: run.goals,
    durationDays: 7,
    budgetTotalUsd: '100',
    activate: true,
  });
  return { agentId, account, created: true };
}
