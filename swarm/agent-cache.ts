import type { Persona } from '../domain/agent/persona.ts';
import type { TenantDatabase } from '../platform/database.ts';

/** An agent as prompts and tools need it. */
export interface AgentProfile {
  id: string;
  version: number;
  persona: Persona;
  characterReferenceId: string | null;
  handles: Record<string, string>;
}

export interface AgentCache {
  /** The profile at `version` or newer; read again when the cached one is older. */
  agent(db: TenantDatabase, agentId: string, version: number): Promise<AgentProfile>;
  /** The texts the agent drafted last, newest first, as they were at most two seconds ago: not to be repeated. */
  recentDrafts(db: TenantDatabase, agentId: string): Promise<string[]>;
  /** The goals of a campaign at `stateVersion`. */
  goals(db: TenantDatabase, campaignId: string, stateVersion: number): Promise<string>;
}

const MAX_ENTRIES = 5_000;
const RECENT_DRAFTS = 10;
const DRAFTS_MAX_AGE_MS = 2_000;

/** Least recently used first out. Keys carry the version, so an edit is seen by the first task that was claimed after it. */
function createCache<V>() {
  const entries = new Map<string, Promise<V>>();
  return (key: string, load: () => Promise<V>): Promise<V> => {
    const known = entries.get(key);
    if (known !== undefined) {
      entries.delete(key);
      entries.set(key, known);
      return known;
    }
    const loading = load();
    entries.set(key, loading);
    loading.catch(() => entries.delete(key));
    const [oldest] = entries.keys();
    if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
    return loading;
  };
}

export function createAgentCache(): AgentCache {
  const agents = createCache<AgentProfile>();
  const goals = createCache<string>();
  const drafts = createCache<string[]>();
  return {
    recentDrafts: (db, agentId) =>
      drafts(`${db.tenantId} ${agentId} ${Math.floor(Date.now() / DRAFTS_MAX_AGE_MS)}`, async () => {
        const rows = await db.query<{ text: string }>(
          `SELECT coalesce(t.output, r.output)->>'text' AS text FROM "Task" t
           LEFT JOIN LATERAL (SELECT output FROM "Result" r WHERE r."taskId" = t.id ORDER BY r.attempt DESC LIMIT 1) r ON true
           WHERE t."agentId" = $1 AND t.type = 'GENERATE_POST' AND t.status IN ('COMPLETE', 'ESCALATED')
           ORDER BY t."createdAt" DESC, t.id DESC LIMIT $2`,
          [agentId, RECENT_DRAFTS],
        );
        return rows.flatMap((row) => row.text ?? []);
      }),
    agent: (db, agentId, version) =>
      agents(`${db.tenantId} ${agentId} ${version}`, async () => {
        const agent = await db.prisma.agent.findUniqueOrThrow({
          where: { id: agentId },
          include: { socialHandles: true },
        });
        const { name, niche, region, backstory, voiceTraits, coreBeliefs, directives } = agent;
        return {
          id: agent.id,
          version: agent.version,
          persona: { name, niche, region, backstory, voiceTraits, coreBeliefs, directives },
          characterReferenceId: agent.characterReferenceId,
          handles: Object.fromEntries(agent.socialHandles.map((handle) => [handle.platform, handle.username])),
        };
      }),
    goals: (db, campaignId, stateVersion) =>
      goals(
        `${db.tenantId} ${campaignId} ${stateVersion}`,
        async () =>
          (await db.prisma.campaign.findUniqueOrThrow({ where: { id: campaignId }, select: { goals: true } })).goals,
      ),
  };
}
