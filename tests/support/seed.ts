import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Role } from '../../domain/access.ts';
import type { EventTopic } from '../../domain/events.ts';
import type { TaskType } from '../../domain/task/task-types.ts';
import { digestOf } from '../../platform/canonical-json.ts';
import { newId, newTraceId } from '../../platform/ids.ts';

type Columns = Record<string, unknown>;
type Status =
  | 'PENDING'
  | 'QUEUED'
  | 'IN_PROGRESS'
  | 'IN_REVIEW'
  | 'ESCALATED'
  | 'APPLYING'
  | 'COMPLETE'
  | 'REJECTED'
  | 'FAILED'
  | 'CANCELLED';

export interface Seeded {
  id: string;
  /** The id as the API shows it. */
  globalId: string;
}

export interface NewEventRow {
  topic: EventTopic;
  kind?: 'CREATED' | 'UPDATED' | 'DELETED';
  subjectId: string;
  agentId?: string | null;
  campaignId?: string | null;
  data?: Columns;
}

export type Seed = Awaited<ReturnType<typeof createSeed>>;
export type SeededTenant = Awaited<ReturnType<Seed['tenant']>>;
export type SeededAgent = Awaited<ReturnType<SeededTenant['agent']>>;
export type SeededTask = Awaited<ReturnType<SeededAgent['task']>>;

const confidence = (score: number): Columns => ({
  confidence: score,
  confidenceRaw: score,
  modelProbability: score,
  personaSimilarity: score,
  contentSafety: score,
  historicalSuccess: score,
});
const POST = { text: 'Morning fog over the harbour.', hashtags: ['#harbour'], estimatedEngagement: 0.4 };

/**
 * Puts valid rows straight into a test database, as its superuser: `seed.tenant()` → `.agent()` → `.task()` → `.result()`.
 * Every maker takes columns to overrule its defaults. Close it when done.
 */
export async function createSeed(adminUrl: string) {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();

  async function insert(table: string, columns: Columns): Promise<void> {
    const names = Object.keys(columns);
    const values = Object.values(columns).map((value) =>
      value !== null && typeof value === 'object' && !(value instanceof Date) && !Array.isArray(value)
        ? JSON.stringify(value)
        : value,
    );
    await client.query(
      `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map((_name, index) => `$${index + 1}`).join(', ')})`,
      values,
    );
  }

  async function make<C extends Columns>(type: string, columns: C): Promise<Seeded & C> {
    const id = newId();
    await insert(type, { id, ...columns });
    return { ...columns, id, globalId: Buffer.from(`${type}:${id}`).toString('base64') };
  }

  async function tenant(columns: Columns = {}) {
    const row = await make('Tenant', { name: `tenant ${randomBytes(4).toString('hex')}`, ...columns });
    const tenantId = row.id;
    const user = (role: Role, more: Columns = {}) =>
      make('User', { tenantId, role, email: `${randomBytes(6).toString('hex')}@example.com`, name: role, ...more });

    const agent = async (more: Columns = {}) => {
      const agentRow = await make('Agent', {
        tenantId,
        name: 'Mira',
        bio: 'Harbour light.',
        niche: 'photography',
        region: 'EU',
        soulMarkdown: '# Mira',
        backstory: 'Grew up by the sea.',
        voiceTraits: ['warm'],
        coreBeliefs: ['Look twice.'],
        directives: [],
        walletAddress: `0x${randomBytes(20).toString('hex')}`,
        status: 'ACTIVE',
        budgetDailyMicroUsd: 25_000_000,
        ...more,
      });
      const agentId = agentRow.id;
      return {
        ...agentRow,
        handle: (platform: string, username: string) => make('SocialHandle', { tenantId, agentId, platform, username }),
        task: (taskColumns: Columns & { type?: TaskType; status?: Status; campaignId?: string } = {}) =>
          task(agentId, taskColumns),
        mention: (mentionColumns: Columns = {}) =>
          make('Mention', {
            tenantId,
            agentId,
            platform: 'TWITTER',
            externalId: newId(),
            author: 'reader',
            text: 'Where was this?',
            relevance: 0.8,
            receivedAt: new Date(),
            ...mentionColumns,
          }),
        transaction: (transactionColumns: Columns = {}) =>
          make('Transaction', {
            tenantId,
            agentId,
            direction: 'INBOUND',
            status: 'CONFIRMED',
            network: 'base',
            token: 'USDC',
            amountBaseUnits: '2500000',
            amountMicroUsd: 2_500_000,
            fromAddress: '0xfrom',
            toAddress: '0xto',
            hash: `0x${randomBytes(32).toString('hex')}`,
            purpose: 'Sponsored post',
            approvedBy: 'judge',
            confirmedAt: new Date(),
            ...transactionColumns,
          }),
        spend: (microUsd: number, more2: Columns = {}) =>
          make('SpendEntry', {
            tenantId,
            agentId,
            category: 'MODEL',
            model: 'offline',
            status: 'SETTLED',
            reservedMicroUsd: microUsd,
            actualMicroUsd: microUsd,
            day: new Date(),
            expiresAt: new Date(),
            settledAt: new Date(),
            ...more2,
          }),
      };
    };

    const task = async (
      agentId: string,
      more: Columns & { type?: TaskType; status?: Status; campaignId?: string } = {},
    ) => {
      const status = more.status ?? 'QUEUED';
      const claimed =
        status === 'IN_PROGRESS'
          ? { claimToken: newId(), leaseExpiresAt: new Date(Date.now() + 60_000), attempt: 1, startedAt: new Date() }
          : {};
      const done =
        status === 'COMPLETE'
          ? { output: POST, completedAt: new Date() }
          : status === 'APPLYING'
            ? { output: POST }
            : {};
      const failed =
        status === 'FAILED' ? { errorCode: 'WORKER_TIMEOUT', errorMessage: 'No answer.', errorAt: new Date() } : {};
      const judged = ['IN_REVIEW', 'ESCALATED', 'APPLYING', 'COMPLETE', 'REJECTED', 'FAILED'].includes(status)
        ? { attempt: 1 }
        : {};
      const row2 = await make('Task', {
        tenantId,
        agentId,
        type: 'GENERATE_POST',
        status,
        input: { platform: 'TWITTER', topic: 'fog' },
        traceId: newTraceId(),
        ...claimed,
        ...done,
        ...failed,
        ...judged,
        ...more,
      });
      const taskId = row2.id;
      const result = async (resultColumns: Columns = {}) => {
        const verdict = 'verdict' in resultColumns ? resultColumns.verdict : 'ESCALATED';
        return make('Result', {
          tenantId,
          taskId,
          attempt: 1,
          output: POST,
          reasoning: 'Fog is calm.',
          model: 'offline',
          tokens: 420,
          costMicroUsd: 1_200,
          executionMs: 80,
          workerId: 'worker-1',
          toolCalls: JSON.stringify([{ server: 'news', tool: 'get_trending_topics', durationMs: 12.4, ok: true }]),
          checks: JSON.stringify([
            {
              name: 'PERSONA',
              score: 0.8,
              passed: true,
              flags: [{ code: 'VOICE_MISMATCH', risk: 'LOW', message: 'stiff' }],
              detail: 'A little stiff.',
            },
          ]),
          ...(verdict === null ? {} : { ...confidence(0.8), judgedAt: new Date() }),
          ...resultColumns,
          verdict,
        });
      };
      return {
        ...row2,
        result,
        dependsOn: (dependsOnId: string) => insert('TaskDependency', { tenantId, taskId, dependsOnId }),
        post: (postColumns: Columns = {}) =>
          make('Post', {
            tenantId,
            agentId,
            taskId,
            platform: 'TWITTER',
            text: POST.text,
            mediaUrls: [],
            externalId: newId(),
            url: 'https://example.com/1',
            disclosure: 'AUTOMATED',
            publishedAt: new Date(),
            ...postColumns,
          }),
        /** An escalated result before a person. */
        review: async (reviewColumns: Columns & { risk?: 'LOW' | 'MEDIUM' | 'HIGH' } = {}) => {
          const risk = reviewColumns.risk ?? 'MEDIUM';
          const content = (reviewColumns.content ?? POST) as object;
          const resultRow = await result();
          return make('Review', {
            tenantId,
            taskId,
            resultId: resultRow.id,
            agentId,
            campaignId: (more.campaignId ?? null) as string | null,
            taskType: row2.type,
            content,
            contentDigest: digestOf(content),
            mediaUrls: [],
            ...confidence(0.8),
            checks: JSON.stringify([{ name: 'SAFETY', score: 1, passed: true, flags: [], detail: '' }]),
            reasons: ['CONFIDENCE'],
            risk,
            riskOrder: { HIGH: 0, MEDIUM: 1, LOW: 2 }[risk],
            dueAt: new Date(Date.now() + 900_000),
            version: 1,
            ...reviewColumns,
          });
        },
      };
    };

    const campaign = async (agents: readonly Seeded[], more: Columns = {}) => {
      const campaignRow = await make('Campaign', {
        tenantId,
        name: 'Fog week',
        goals: '3 posts about fog',
        status: 'ACTIVE',
        startsAt: new Date(Date.now() - 3_600_000),
        estimatedPosts: 3,
        ...more,
      });
      for (const member of agents)
        await insert('CampaignAgent', { tenantId, campaignId: campaignRow.id, agentId: member.id });
      return {
        ...campaignRow,
        plan: (revision = 1, planColumns: Columns = {}) =>
          make('Plan', {
            tenantId,
            campaignId: campaignRow.id,
            revision,
            reason: 'INITIAL',
            model: 'offline',
            costMicroUsd: 4_000,
            ...planColumns,
          }),
      };
    };

    return {
      ...row,
      user,
      agent,
      campaign,
      /** What an agent or campaign has spent on a day (UTC), and altogether with day '1970-01-01'. */
      account: (scopeId: string, day: string, spentMicroUsd: number) =>
        insert('BudgetAccount', { tenantId, scopeId, day, spentMicroUsd }),
      /** A committed change on its way to subscribers: the relay, or publishEvents, gives it its position. */
      event: ({ topic, kind = 'UPDATED', subjectId, agentId = null, campaignId = null, data = {} }: NewEventRow) =>
        insert('Outbox', {
          tenantId,
          topic,
          kind,
          subjectId,
          agentId,
          campaignId,
          version: 1,
          data,
          traceId: newTraceId(),
        }),
    };
  }

  return {
    tenant,
    insert,
    /** Any statement, as superuser. */
    sql: async <R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> =>
      (await client.query<R>(text, values)).rows,
    /** A well-formed digest of nothing in particular. */
    digest: () => createHash('sha256').update(randomBytes(8)).digest('hex'),
    close: () => client.end(),
  };
}
