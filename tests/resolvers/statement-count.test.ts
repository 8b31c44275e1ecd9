import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../platform/database.ts';
import type { TestGateway } from '../support/gateway.ts';
import { startTestGateway } from '../support/gateway.ts';
import type { SeededTenant } from '../support/seed.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

async function grow(tenant: SeededTenant, agents: number, reviewerId: string): Promise<void> {
  for (let index = 0; index < agents; index++) {
    const agent = await tenant.agent();
    await agent.handle('TWITTER', `agent${index}`);
    await agent.transaction();
    const campaign = await tenant.campaign([agent]);
    const plan = await campaign.plan();
    const first = await agent.task({ campaignId: campaign.id, planId: plan.id, status: 'COMPLETE' });
    await first.result({ verdict: 'APPROVED' });
    await first.post();
    await agent.mention({ taskId: first.id });
    for (let sibling = 0; sibling < 2; sibling++) {
      const task = await agent.task({ campaignId: campaign.id, planId: plan.id, status: 'ESCALATED' });
      await task.dependsOn(first.id);
      await task.review(sibling === 0 ? {} : { status: 'REJECTED', decidedById: reviewerId, decidedAt: new Date() });
    }
  }
}

/** Everything that has a loader or a relation, at every level. */
const DEEP = `{ agents(first: 50) { totalCount nodes {
  id socialHandles { username } walletBalanceUsdc spentTodayUsd postsToday confidenceAvg24h hitlQueueDepth
  metrics(period: LAST_24_HOURS) { spendUsd confidence { value } } week: metrics { postsCreated }
  transactions(first: 3) { totalCount nodes { agent { name } } }
  mentions(first: 3) { nodes { task { id } } }
  posts(first: 3) { nodes { task { id } } }
  campaigns(first: 2) { totalCount nodes {
    id agents { name } spentUsd progress { total } plan { revision tasks { id dependsOn { id type } } } plans(first: 2) { nodes { revision } }
    tasks(first: 3) { nodes {
      id agent { name } campaign { name } dependsOn { id }
      result { id confidence { score } } results { attempt } review { id similar(limit: 1) { id status } assignedTo { name } decidedBy { name } }
    } }
    failed: tasks(filter: { status: [FAILED] }) { totalCount }
  } }
} } }`;

it('a nested query costs the same number of statements for 5 agents as for 50', async () => {
  const tenant = await gateway.seed.tenant();
  const user = await tenant.user('ADMINISTRATOR');
  const token = await gateway.tokenFor(user);
  // One connection, so that the pool's own chatter (a new connection, a label) is not counted.
  const database = openDatabase({ url: gateway.appUrl, poolSize: 1 });
  const counted = await startTestGateway({ database });
  const count = async (): Promise<number> => {
    const before = database.statements();
    const answer = await counted.query(token, DEEP);
    expect(answer.errors).toBeUndefined();
    return database.statements() - before;
  };
  try {
    await grow(tenant, 5, user.id);
    await count();
    const five = await count();
    await grow(tenant, 45, user.id);
    const fifty = await count();
    expect(Math.abs(fifty - five), `${five} and ${fifty}`).toBeLessThanOrEqual(1); // the viewer's role is read anew every 5 s
    const reviews =
      '{ reviewQueue(first: 100) { nodes { id agent { name campaigns { nodes { name } } } campaign { name progress { total } } task { id results { id } } similar { id } decidedBy { name } } } }';
    const before = database.statements();
    const answer = await counted.query(token, reviews);
    expect(answer.data.reviewQueue.nodes).toHaveLength(50);
    expect(database.statements() - before).toBeLessThan(16);
  } finally {
    await counted.close();
  }
});
