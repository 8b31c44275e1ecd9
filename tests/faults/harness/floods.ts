import { digestOf } from '../../../platform/canonical-json.ts';
import type { Run } from './run.ts';

const INPUT = JSON.stringify({ platform: 'TWITTER', topic: 'handwoven cotton' });

/** So many agents more, all of whose polls are due at once. */
export async function floodAgents({ world, agents }: Run, count: number): Promise<void> {
  for (const tenant of world.tenants) {
    const like = agents.find((agent) => agent.tenant === tenant);
    await world.services.sql(
      `INSERT INTO "Agent" (id, "tenantId", name, niche, "soulMarkdown", backstory, "voiceTraits", "coreBeliefs", directives, "walletAddress", status, "budgetDailyMicroUsd")
       SELECT gen_random_uuid(), a."tenantId", 'flood ' || i, a.niche, a."soulMarkdown", a.backstory, a."voiceTraits", a."coreBeliefs", a.directives,
         '0x' || left(encode(sha256(convert_to(a.id::text || i || clock_timestamp(), 'UTF8')), 'hex'), 40), 'ACTIVE', a."budgetDailyMicroUsd" FROM "Agent" a, generate_series(1, $2) i WHERE a.id = $1`,
      [rawId(like?.id), Math.ceil(count / world.tenants.length)],
    );
  }
}

/** So many drafts to be written, QUEUED in one statement, spread over all agents; only the reconciler can find them. */
export async function floodTasks({ world }: Run, count: number): Promise<void> {
  await world.services.sql(
    `INSERT INTO "Task" (id, "tenantId", "agentId", type, status, input, "traceId")
     SELECT gen_random_uuid(), a."tenantId", a.id, 'GENERATE_POST', 'QUEUED', $1::jsonb, replace(gen_random_uuid()::text, '-', '')
     FROM generate_series(1, $2) i JOIN (SELECT id, "tenantId", row_number() OVER () - 1 AS n, count(*) OVER () AS all_of_them FROM "Agent" WHERE status = 'ACTIVE') a ON a.n = i % a.all_of_them`,
    [INPUT, count],
  );
}

const CONTENT = {
  GENERATE_POST: { hashtags: [], estimatedEngagement: 0.5 },
  POST_CONTENT: { platform: 'TWITTER', mediaUrls: [], disclosure: 'AUTOMATED' },
};

/** So many drafts, or publications, of one agent that wait for a person. */
export async function floodReviews(
  { world }: Run,
  agent: Run['agents'][number],
  count: number,
  type: keyof typeof CONTENT = 'GENERATE_POST',
): Promise<void> {
  const drafts = Array.from({ length: count }, (_, index) => {
    const content = { text: `A weaver finished thread ${index} of the warp.`, ...CONTENT[type] };
    return { content, digest: digestOf(content) };
  });
  await world.services.sql(
    `WITH drafts AS (SELECT gen_random_uuid() AS task, gen_random_uuid() AS result, content, digest FROM jsonb_to_recordset($3::jsonb) AS d(content jsonb, digest text)),
       tasks AS (INSERT INTO "Task" (id, "tenantId", "agentId", type, status, input, attempt, "traceId")
         SELECT task, $1, $2, $5::"TaskType", 'ESCALATED', $4::jsonb, 1, replace(task::text, '-', '') FROM drafts),
       results AS (INSERT INTO "Result" (id, "tenantId", "taskId", attempt, output, "executionMs", "workerId", verdict, confidence, "judgedAt")
         SELECT result, $1, task, 1, content, 1, 'flood', 'ESCALATED', 0.8, now() FROM drafts)
     INSERT INTO "Review" (id, "tenantId", "taskId", "resultId", "agentId", "taskType", content, "contentDigest", confidence, "confidenceRaw", "modelProbability", "personaSimilarity", "contentSafety",
       "historicalSuccess", reasons, risk, "riskOrder", "dueAt")
     SELECT gen_random_uuid(), $1, task, result, $2, $5::"TaskType", content, digest, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, ARRAY['flood'], 'LOW', 2, now() + interval '1 day' FROM drafts`,
    [agent.tenant.id, rawId(agent.id), JSON.stringify(drafts), INPUT, type],
  );
}

const rawId = (globalId = ''): string => Buffer.from(globalId, 'base64').toString().split(':')[1] ?? '';
