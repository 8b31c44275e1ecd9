import { setTimeout as delay } from 'node:timers/promises';
import { issueToken } from '../../../gateway/authentication.ts';
import { newId } from '../../../platform/ids.ts';
import type { DrillServices } from './services.ts';

export const JWT_SECRET = 'a secret of drills, more than thirty-two characters';

type Parsed = ReturnType<typeof JSON.parse>;
const TRY_FOR_MS = 60_000;
const CALL_TIMEOUT_MS = 20_000;

const PERSONA = {
  niche: 'handwoven cotton',
  backstory:
    'I grew up two streets away from the weavers of Shiro Meda and write about handwoven cotton, looms, borders and the people who make them.',
  voiceTraits: ['warm'],
  coreBeliefs: ['Handwoven cotton carries the memory of the hands that made it.'],
  budgetDailyUsd: '10000',
  activate: true,
};

export interface Tenant {
  id: string;
  name: string;
  token: string;
  /** Asks the gateway; throws when it gives no answer or an error. */
  ask(document: string, variables?: Record<string, unknown>): Promise<Parsed>;
  /** Asks until there is an answer: the gateway may be away. What it did before it died may then be done twice. */
  insist(document: string, variables?: Record<string, unknown>): Promise<Parsed>;
  createAgent(name: string): Promise<string>;
  createCampaign(agentIds: readonly string[], posts: number, more?: Record<string, unknown>): Promise<string>;
}

/** A tenant with an administrator, who works through the gateway as people do. */
export async function createTenant(services: DrillServices, gatewayUrl: string, name: string): Promise<Tenant> {
  const [id, userId] = [newId(), newId()];
  await services.sql('INSERT INTO "Tenant" (id, name) VALUES ($1, $2)', [id, name]);
  await services.sql(
    `INSERT INTO "User" (id, "tenantId", email, name, role) VALUES ($1, $2, $3, 'Admin', 'ADMINISTRATOR')`,
    [userId, id, `admin@${name}.example.com`],
  );
  const token = await issueToken({
    secret: JWT_SECRET,
    issuer: 'chimera',
    audience: 'chimera',
    userId,
    tenantId: id,
    expiresIn: '1d',
  });
  let campaigns = 0;

  async function ask(query: string, variables: Record<string, unknown> = {}): Promise<Parsed> {
    const response = await fetch(`${gatewayUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    const answer = (await response.json()) as { data?: Parsed; errors?: { message: string }[] };
    if (answer.errors) throw new Error(`${name}: ${answer.errors.map(({ message }) => message).join('; ')}`);
    return answer.data;
  }
  async function insist(document: string, variables?: Record<string, unknown>): Promise<Parsed> {
    const deadline = performance.now() + TRY_FOR_MS;
    for (;;) {
      try {
        return await ask(document, variables);
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(200);
      }
    }
  }
  return {
    id,
    name,
    token,
    ask,
    insist,
    async createAgent(handle) {
      const { createAgent } = await insist(
        'mutation ($input: CreateAgentInput!) { createAgent(input: $input) { __typename ... on CreateAgentSuccess { agent { id } } ... on Error { message } } }',
        { input: { ...PERSONA, name: handle, socialHandles: [{ platform: 'TWITTER', username: handle }] } },
      );
      if (!createAgent.agent) throw new Error(createAgent.message);
      return createAgent.agent.id as string;
    },
    async createCampaign(agentIds, posts, more = {}) {
      campaigns += 1;
      const { createCampaign } = await insist(
        'mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) { __typename ... on CreateCampaignSuccess { campaign { id } } ... on Error { message } } }',
        {
          input: {
            agentIds,
            name: `${name} ${campaigns}`,
            goals: `Publish ${posts} posts about handwoven cotton and the weavers of Shiro Meda`,
            durationDays: 7,
            ...more,
          },
        },
      );
      if (!createCampaign.campaign) throw new Error(createCampaign.message);
      return createCampaign.campaign.id as string;
    },
  };
}
