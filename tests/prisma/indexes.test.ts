import { graphql } from 'graphql';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expireReviewClaims, noticeReviews } from '../../domain/review/review-schedules.ts';
import type { TenantDatabase } from '../../platform/database.ts';
import { createSchema } from '../../resolvers/index.ts';
import type { Domain } from '../domain/domain-fixture.ts';
import { openDomain } from '../domain/domain-fixture.ts';

const schema = createSchema();
const ROWS = 6_000;
/** A page of 20 reads the page, one more, and what shares its last moment: never the list. */
const MOST_ROWS_READ = 400;

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

let domain: Domain;
let app: pg.Client;
let relay: pg.Client;
let adminUrl: string;
const ids = { tenant: '', agent: '', campaign: '', task: '' };
const globalId = (type: string, id: string): string => Buffer.from(`${type}:${id}`).toString('base64');

beforeAll(async () => {
  domain = await openDomain();
  adminUrl = domain.adminUrl;
  for (const name of ['mine', 'other']) {
    const tenant = await domain.seed.tenant();
    const agent = await tenant.agent();
    const campaign = await tenant.campaign([agent]);
    const task = await agent.task({ campaignId: campaign.id, status: 'IN_REVIEW' });
    if (name === 'mine')
      Object.assign(ids, { tenant: tenant.id, agent: agent.id, campaign: campaign.id, task: task.id });
    await fill(tenant.id, agent.id, campaign.id);
  }
  await domain.sql('ANALYZE');
  relay = new pg.Client({ connectionString: domain.relayUrl });
  await relay.connect();
  app = new pg.Client({ connectionString: domain.appUrl });
  await app.connect();
  await app.query(`SELECT set_config('app.current_tenant', $1, false)`, [ids.tenant]);
});
afterAll(async () => {
  await app.end();
  await relay.end();
  await domain.close();
});

/** ROWS rows of each list, over two months; one in a hundred tasks is FAILED, one in a hundred reviews PENDING. */
async function fill(tenantId: string, agentId: string, campaignId: string): Promise<void> {
  const at = `now() - i * interval '15 minutes'`;
  const rows = `FROM generate_series(1, ${ROWS}) AS i`;
  const by = [tenantId, agentId, campaignId];
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const run = (text: string, values: string[]) =>
    client.query(text.replace(/\$(\d)/g, (_, index) => `'${values[Number(index) - 1]}'`));
  await run(
    `INSERT INTO "Agent" (id, "tenantId", name, "soulMarkdown", backstory, "walletAddress", "budgetDailyMicroUsd", status, "createdAt")
     SELECT gen_random_uuid(), $1, 'a', 's', 'b', '0x' || substr(md5($1 || i) || md5(i::text), 1, 40), 0, CASE WHEN i % 100 = 0 THEN 'ERROR' ELSE 'ACTIVE' END::"AgentStatus", ${at} ${rows}`,
    [tenantId],
  );
  await run(
    `INSERT INTO "Campaign" (id, "tenantId", name, goals, "startsAt", status, "createdAt")
     SELECT gen_random_uuid(), $1, 'c', 'g', now(), CASE WHEN i % 100 = 0 THEN 'PAUSED' ELSE 'COMPLETED' END::"CampaignStatus", ${at} ${rows}`,
    [tenantId],
  );
  await run(
    `INSERT INTO "CampaignAgent" ("tenantId", "campaignId", "agentId") SELECT $1, id, $2 FROM "Campaign" WHERE "tenantId" = $1 AND id <> $3 ORDER BY "createdAt" LIMIT 30`,
    by,
  );
  await run(
    `INSERT INTO "Task" (id, "tenantId", "agentId", "campaignId", type, status, input, "traceId", "errorCode", "createdAt")
     SELECT gen_random_uuid(), $1, $2, $3, 'GENERATE_POST', CASE WHEN i % 100 = 0 THEN 'FAILED' ELSE 'CANCELLED' END::"TaskStatus", '{}', 't', 'E', ${at} ${rows}`,
    by,
  );
  await run(
    `INSERT INTO "Result" (id, "tenantId", "taskId", attempt, "executionMs", "workerId") SELECT gen_random_uuid(), $1, id, 1, 1, 'w' FROM "Task" WHERE "tenantId" = $1`,
    [tenantId],
  );
  await run(
    `INSERT INTO "Review" (id, "tenantId", "taskId", "resultId", "agentId", "taskType", status, content, "contentDigest", confidence, "confidenceRaw", "modelProbability", "personaSimilarity",
       "contentSafety", "historicalSuccess", risk, "riskOrder", "dueAt", "decidedAt", "createdAt")
     SELECT gen_random_uuid(), $1, r."taskId", r.id, $2, 'GENERATE_POST', CASE WHEN row_number() OVER () % 100 = 0 THEN 'PENDING' ELSE 'CANCELLED' END::"ReviewStatus", '{}', repeat('a', 64), 1, 1, 1, 1, 1, 1, 'HIGH', 0,
       now(), CASE WHEN row_number() OVER () % 100 = 0 THEN NULL ELSE now() END, now() FROM "Result" r WHERE r."tenantId" = $1`,
    [tenantId, agentId],
  );
  await run(
    `INSERT INTO "Post" (id, "tenantId", "agentId", "taskId", platform, "externalId", disclosure, "publishedAt")
     SELECT gen_random_uuid(), $1, $2, id, 'TWITTER', id::text, 'AUTOMATED', "createdAt" FROM "Task" WHERE "tenantId" = $1`,
    [tenantId, agentId],
  );
  await run(
    `INSERT INTO "Mention" (id, "tenantId", "agentId", platform, "externalId", author, text, "receivedAt") SELECT gen_random_uuid(), $1, $2, 'TWITTER', i::text, 'r', 't', ${at} ${rows}`,
    [tenantId, agentId],
  );
  await run(
    `INSERT INTO "Transaction" (id, "tenantId", "agentId", direction, network, token, "amountBaseUnits", "amountMicroUsd", "fromAddress", "toAddress", purpose, "approvedBy", "createdAt")
     SELECT gen_random_uuid(), $1, $2, 'INBOUND', 'base', 'USDC', 1, 1, 'a', 'b', 'p', 'judge', ${at} ${rows}`,
    [tenantId, agentId],
  );
  await run(
    `INSERT INTO "Alert" (id, "tenantId", rule, severity, message, "createdAt") SELECT gen_random_uuid(), $1, 'R', 'INFO', 'm', ${at} ${rows}`,
    [tenantId],
  );
  await run(
    `INSERT INTO "AuditEntry" (id, "tenantId", sequence, at, actor, action, "subjectId", hash, "previousHash") SELECT gen_random_uuid(), $1, 0, ${at}, 'a', 'b', CASE WHEN i % 200 = 0 THEN $2::uuid ELSE gen_random_uuid() END, '', '' ${rows}`,
    [tenantId, agentId],
  );
  await run(
    `INSERT INTO "Event" (position, "tenantId", topic, kind, "subjectId", version, data, "traceId", "createdAt")
     SELECT (SELECT coalesce(max(position), 0) FROM "Event") + i, $1, 'agent', 'UPDATED', gen_random_uuid(), 1, '{}', 't', now() ${rows}`,
    [tenantId],
  );
  await client.end();
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** Explains a statement as the tenant runs it; fails when it scans `table` or reads far more of it than a page. */
async function expectIndexed(table: string, text: string, values: unknown[]): Promise<void> {
  const { rows } = await app.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
  const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan as PlanNode);
  const scans = nodes.filter((node) => node['Relation Name'] === table || node['Index Name']?.startsWith(table));
  const read = scans.reduce(
    (sum, node) => sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
    0,
  );
  const shape = nodes.map((node) => [node['Node Type'], node['Index Name']].filter(Boolean).join(' ')).join(' > ');
  expect(scans.length, `${table} is read: ${shape}`).toBeGreaterThan(0);
  expect(
    scans.filter((node) => node['Node Type'] === 'Seq Scan'),
    shape,
  ).toEqual([]);
  expect(read, `rows of ${table} read: ${shape}`).toBeLessThanOrEqual(MOST_ROWS_READ);
}

/** The statements over `table` that a GraphQL document really sends, with their values. */
async function statementsOf(source: string, table: string): Promise<{ text: string; values: unknown[] }[]> {
  const sent: { text: string; values: unknown[] }[] = [];
  const context = domain.context(ids.tenant);
  const db: TenantDatabase = {
    ...context.db,
    query: (text, values = []) => {
      sent.push({ text, values: [...values] });
      return context.db.query(text, values);
    },
  };
  const answer = await graphql({ schema, source, contextValue: { ...context, db } });
  expect(answer.errors).toBeUndefined();
  return sent.filter(({ text }) => text.includes('LATERAL') && text.includes(`"${table}" c`));
}

const page = '(first: 20) { edges { cursor } pageInfo { hasNextPage endCursor } }';
const LISTS: [string, string, () => string][] = [
  ['agents', 'Agent', () => `{ list: agents${page} }`],
  ['agents by status', 'Agent', () => '{ list: agents(filter: { status: [ERROR] }) { edges { cursor } } }'],
  ['campaigns', 'Campaign', () => `{ list: campaigns${page} }`],
  ['campaigns by status', 'Campaign', () => '{ list: campaigns(filter: { status: [PAUSED] }) { edges { cursor } } }'],
  ['tasks', 'Task', () => `{ list: tasks${page} }`],
  ['tasks by status', 'Task', () => '{ list: tasks(filter: { status: [FAILED] }) { edges { cursor } } }'],
  [
    'tasks by agent',
    'Task',
    () => `{ list: tasks(filter: { agentId: "${globalId('Agent', ids.agent)}" }) { edges { cursor } } }`,
  ],
  [
    'tasks by campaign and status',
    'Task',
    () =>
      `{ list: tasks(filter: { campaignId: "${globalId('Campaign', ids.campaign)}", status: [FAILED] }) { edges { cursor } } }`,
  ],
  ['Agent.tasks', 'Task', () => `{ agent(id: "${globalId('Agent', ids.agent)}") { tasks${page} } }`],
  ['Agent.campaigns', 'Campaign', () => `{ agent(id: "${globalId('Agent', ids.agent)}") { campaigns${page} } }`],
  ['Agent.posts', 'Post', () => `{ agent(id: "${globalId('Agent', ids.agent)}") { posts${page} } }`],
  ['Agent.mentions', 'Mention', () => `{ agent(id: "${globalId('Agent', ids.agent)}") { mentions${page} } }`],
  [
    'Agent.transactions',
    'Transaction',
    () => `{ agent(id: "${globalId('Agent', ids.agent)}") { transactions${page} } }`,
  ],
  ['Campaign.tasks', 'Task', () => `{ campaign(id: "${globalId('Campaign', ids.campaign)}") { tasks${page} } }`],
  ['reviewQueue', 'Review', () => `{ list: reviewQueue${page} }`],
];

describe('every list is read through an index, with thousands of rows in the table', () => {
  test.each(LISTS)('%s', async (_name, table, source) => {
    const statements = await statementsOf(source(), table);
    expect(statements).toHaveLength(1);
    for (const { text, values } of statements) await expectIndexed(table, text, values);
  });

  test('the page after a cursor far into the list', async () => {
    const [row] = await domain.sql<{ at: string; id: string }>(
      `SELECT (extract(epoch FROM "createdAt") * 1000)::bigint::text AS at, id FROM "Task" WHERE "tenantId" = $1 ORDER BY "createdAt" DESC, id DESC OFFSET 4000 LIMIT 1`,
      [ids.tenant],
    );
    const { encodeCursor } = await import('../../schema/keyset-cursor.ts');
    const after = encodeCursor([Number(row?.at)], row?.id ?? '');
    for (const { text, values } of await statementsOf(
      `{ list: tasks(first: 20, after: "${after}") { edges { cursor } } }`,
      'Task',
    ))
      await expectIndexed('Task', text, values);
  });

  test('a tenant’s events after a cursor', () =>
    expectIndexed(
      'Event',
      'SELECT * FROM "Event" WHERE "tenantId" = $1 AND position > $2 ORDER BY position LIMIT 200',
      [ids.tenant, 5_000],
    ));

  test('reviews whose notice is due, and claims that expire, as the schedules take them', async () => {
    await domain.sql(
      `UPDATE "Review" SET "claimExpiresAt" = now() WHERE id IN (SELECT id FROM "Review" WHERE status = 'PENDING' LIMIT 10)`,
    );
    const taken: string[] = [];
    const spy: Pick<typeof domain.relay, 'transaction'> = {
      transaction: (work) =>
        domain.relay.transaction((sql) =>
          work({
            query: (text, values) => {
              taken.push(text);
              return sql.query(text, values);
            },
          }),
        ),
    };
    await noticeReviews(spy);
    await expireReviewClaims(spy);
    const [notice, claim] = taken.filter((text) => text.includes('SKIP LOCKED'));
    for (const text of [notice, claim]) {
      const { rows } = await relay.query(`EXPLAIN (FORMAT JSON) ${text}`);
      const shape = JSON.stringify(rows[0]['QUERY PLAN'][0].Plan);
      expect(shape).toMatch(text === notice ? /Review_notice_idx/ : /Review_claim_idx/);
      expect(shape).not.toMatch(/"Seq Scan"/);
    }
  });

  test('alerts, newest first', () =>
    expectIndexed('Alert', 'SELECT id FROM "Alert" WHERE "tenantId" = $1 ORDER BY "createdAt" DESC, id DESC LIMIT 21', [
      ids.tenant,
    ]));

  test('the audit log, newest first and by subject', async () => {
    await expectIndexed(
      'AuditEntry',
      'SELECT id FROM "AuditEntry" WHERE "tenantId" = $1 ORDER BY at DESC, id DESC LIMIT 21',
      [ids.tenant],
    );
    await expectIndexed(
      'AuditEntry',
      'SELECT id FROM "AuditEntry" WHERE "tenantId" = $1 AND "subjectId" = $2 ORDER BY at DESC LIMIT 21',
      [ids.tenant, ids.agent],
    );
  });

  test('transactions of a tenant, newest first', () =>
    expectIndexed(
      'Transaction',
      'SELECT id FROM "Transaction" WHERE "tenantId" = $1 ORDER BY "createdAt" DESC, id DESC LIMIT 21',
      [ids.tenant],
    ));
});
