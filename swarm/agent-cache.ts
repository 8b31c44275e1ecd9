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
  /** The goals of a campaign at `stateVersion`. */
  goals(db: TenantDatabase, campaignId: string, stateVersion: number): Promise<string>;
}

const MAX_ENTRIES = 5_000;

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
  return {
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
