import type { GraphQLUnionType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { createSchema } from '../../resolvers/index.ts';
import type { TestGateway } from '../support/gateway.ts';
import { startTestGateway } from '../support/gateway.ts';
import type { SeededAgent, SeededTenant } from '../support/seed.ts';

const POST = { text: 'Morning fog over the harbour.', hashtags: ['#harbour'], estimatedEngagement: 0.4 };

let gateway: TestGateway;
let tenant: SeededTenant;
let admin: string;
let manager: string;
let reviewer: string;
let secondReviewer: string;
let stranger: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  tenant = await gateway.seed.tenant();
  admin = await gateway.tokenFor(await tenant.user('ADMINISTRATOR'));
  manager = await gateway.tokenFor(await tenant.user('CAMPAIGN_MANAGER', { name: 'Max' }));
  reviewer = await gateway.tokenFor(await tenant.user('CONTENT_REVIEWER', { name: 'Rae' }));
  secondReviewer = await gateway.tokenFor(await tenant.user('CONTENT_REVIEWER', { name: 'Sam' }));
  stranger = await gateway.tokenFor(await (await gateway.seed.tenant()).user('ADMINISTRATOR'));
});
afterAll(() => gateway.close());

const SELECTIONS: Record<string, string> = {
  ValidationError: 'fields { path message }',
  ForbiddenError: 'requires',
  ConflictError: 'currentVersion',
  InvalidStateError: 'state',
};
const schema = createSchema();

/** One mutation's union member, complete. */
async function perform(token: string, name: string, input: Record<string, unknown>, success: string) {
  const capitalized = name.charAt(0).toUpperCase() + name.slice(1);
  const members = (schema.getType(`${capitalized}Result`) as GraphQLUnionType).getTypes();
  const errors = members
    .filter((member) => SELECTIONS[member.name])
    .map((member) => `... on ${member.name} { ${SELECTIONS[member.name]} }`);
  const answer = await gateway.query(
    token,
    `mutation ($input: ${inputTypes[name] ?? `${capitalized}Input`}!) { ${name}(input: $input) { __typename ... on ${capitalized}Success { ${success} } ... on Error { code retryable } ${errors.join(' ')} } }`,
    { input },
  );
  expect(answer.errors, JSON.stringify(gateway.logs.at(-1))).toBeUndefined();
  return answer.data[name];
}
const inputTypes: Record<string, string> = {
  claimReview: 'ReviewIdInput',
  releaseReview: 'ReviewIdInput',
  approveReview: 'DecideReviewInput',
  rejectReview: 'DecideReviewInput',
};
const absent = (type: string) => Buffer.from(`${type}:${newId()}`).toString('base64');

describe('createAgent', () => {
  const input = {
    name: 'Iris',
    backstory: 'Raised in a lighthouse.',
    voiceTraits: ['calm'],
    coreBeliefs: ['Say less.'],
    socialHandles: [{ platform: 'TWITTER', username: '@iris' }],
    budgetDailyUsd: '12.5',
  };
  const fields =
    'agent { name status budgetDailyUsd persona { voiceTraits } socialHandles { username } walletAddress version }';

  it('creates a paused agent with a wallet', async () => {
    const { agent, __typename } = await perform(admin, 'createAgent', input, fields);
    expect(__typename).toBe('CreateAgentSuccess');
    expect(agent).toEqual({
      name: 'Iris',
      status: 'PAUSED',
      budgetDailyUsd: '12.50',
      persona: { voiceTraits: ['calm'] },
      socialHandles: [{ username: 'iris' }],
      walletAddress: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/),
      version: 1,
    });
  });

  it('answers ValidationError with every problem at once', async () => {
    expect(
      await perform(admin, 'createAgent', { name: '', budgetDailyUsd: '-1', bio: 'x'.repeat(501) }, fields),
    ).toMatchInlineSnapshot(`
      {
        "__typename": "ValidationError",
        "code": "VALIDATION",
        "fields": [
          {
            "message": "must not be empty",
            "path": [
              "name",
            ],
          },
          {
            "message": "must have at most 500 characters",
            "path": [
              "bio",
            ],
          },
          {
            "message": "must not be negative",
            "path": [
              "budgetDailyUsd",
            ],
          },
        ],
        "retryable": false,
      }
    `);
  });

  it('answers ForbiddenError to a campaign manager', async () => {
    expect(await perform(manager, 'createAgent', input, fields)).toMatchInlineSnapshot(`
      {
        "__typename": "ForbiddenError",
        "code": "FORBIDDEN",
        "requires": "write:agents",
        "retryable": false,
      }
    `);
  });
});

describe('updateAgent', () => {
  it('edits what is given and moves the version', async () => {
    const agent = await tenant.agent({ bio: 'Kept.' });
    const done = await perform(
      admin,
      'updateAgent',
      { id: agent.globalId, expectedVersion: 1, name: 'Renamed' },
      'agent { id name bio version }',
    );
    expect(done).toEqual({
      __typename: 'UpdateAgentSuccess',
      agent: { id: agent.globalId, name: 'Renamed', bio: 'Kept.', version: 2 },
    });
  });

  it('answers ConflictError with the current version, InvalidStateError for an archived one, ValidationError, ForbiddenError, NotFoundError', async () => {
    const moved = await tenant.agent({ version: 3 });
    const archived = await tenant.agent({ status: 'ARCHIVED' });
    const edit = (token: string, id: string, more: object = {}) =>
      perform(token, 'updateAgent', { id, expectedVersion: 1, name: 'x', ...more }, 'agent { id }');
    expect({
      conflict: await edit(admin, moved.globalId),
      archived: await edit(admin, archived.globalId),
      invalid: await edit(admin, moved.globalId, {
        expectedVersion: 0,
        socialHandles: [{ platform: 'TWITTER', username: 'no spaces' }],
      }),
      forbidden: await edit(reviewer, moved.globalId),
      absent: await edit(admin, absent('Agent')),
      wrongType: await edit(admin, absent('Campaign')),
      garbage: await edit(admin, 'nonsense'),
      foreign: await edit(stranger, moved.globalId),
    }).toMatchInlineSnapshot(`
      {
        "absent": {
          "__typename": "NotFoundError",
          "code": "NOT_FOUND",
          "retryable": false,
        },
        "archived": {
          "__typename": "InvalidStateError",
          "code": "INVALID_STATE",
          "retryable": false,
          "state": "ARCHIVED",
        },
        "conflict": {
          "__typename": "ConflictError",
          "code": "CONFLICT",
          "currentVersion": 3,
          "retryable": true,
        },
        "forbidden": {
          "__typename": "ForbiddenError",
          "code": "FORBIDDEN",
          "requires": "write:agents",
          "retryable": false,
        },
        "foreign": {
          "__typename": "NotFoundError",
          "code": "NOT_FOUND",
          "retryable": false,
        },
        "garbage": {
          "__typename": "NotFoundError",
          "code": "NOT_FOUND",
          "retryable": false,
        },
        "invalid": {
          "__typename": "ValidationError",
          "code": "VALIDATION",
          "fields": [
            {
              "message": "versions start at 1",
              "path": [
                "expectedVersion",
              ],
            },
            {
              "message": "letters, digits, dots and underscores, at most 50",
              "path": [
                "socialHandles",
                "0",
                "username",
              ],
            },
          ],
          "retryable": false,
        },
        "wrongType": {
          "__typename": "NotFoundError",
          "code": "NOT_FOUND",
          "retryable": false,
        },
      }
    `);
  });
});

describe('setAgentStatus', () => {
  it('pauses and resumes for a campaign manager, with the reason', async () => {
    const agent = await tenant.agent();
    const done = await perform(
      manager,
      'setAgentStatus',
      { id: agent.globalId, status: 'PAUSED', reason: 'Holiday.' },
      'agent { status statusReason version }',
    );
    expect(done).toEqual({
      __typename: 'SetAgentStatusSuccess',
      agent: { status: 'PAUSED', statusReason: 'Holiday.', version: 2 },
    });
  });

  it('answers InvalidStateError, ForbiddenError, ValidationError, NotFoundError', async () => {
    const [archived, active] = [await tenant.agent({ status: 'ARCHIVED' }), await tenant.agent()];
    const set = (token: string, id: string, more: object = {}) =>
      perform(token, 'setAgentStatus', { id, status: 'ACTIVE', ...more }, 'agent { id }');
    expect({
      archived: await set(admin, archived.globalId),
      forbidden: await set(manager, active.globalId, { status: 'ARCHIVED' }),
      invalid: await set(admin, active.globalId, { reason: 'x'.repeat(501) }),
      foreign: await set(stranger, active.globalId),
    }).toMatchInlineSnapshot(`
      {
        "archived": {
          "__typename": "InvalidStateError",
          "code": "INVALID_STATE",
          "retryable": false,
          "state": "ARCHIVED",
        },
        "forbidden": {
          "__typename": "ForbiddenError",
          "code": "FORBIDDEN",
          "requires": "write:agents",
          "retryable": false,
        },
        "foreign": {
          "__typename": "NotFoundError",
          "code": "NOT_FOUND",
          "retryable": false,
        },
        "invalid": {
          "__typename": "ValidationError",
          "code": "VALIDATION",
          "fields": [
            {
              "message": "must have at most 500 characters",
              "path": [
                "reason",
              ],
            },
          ],
          "retryable": false,
        },
      }
    `);
  });
});

describe('emergencyStop', () => {
  const fields = 'agents { name status statusReason } cancelledTasks abortedTasks';
  const stop = (token: string, input: Record<string, unknown>) => perform(token, 'emergencyStop', input, fields);

  it('stops one agent, says what it ended, and stops nobody the second time', async () => {
    const agent = await tenant.agent({ name: 'Wild' });
    await agent.task({ status: 'QUEUED' });
    await agent.task({ status: 'IN_PROGRESS' });
    const input = { agentId: agent.globalId, reason: 'It went wild.' };
    expect(await stop(admin, input)).toEqual({
      __typename: 'EmergencyStopSuccess',
      agents: [{ name: 'Wild', status: 'EMERGENCY_STOPPED', statusReason: 'It went wild.' }],
      cancelledTasks: 2,
      abortedTasks: 1,
    });
    expect(await stop(admin, input)).toMatchObject({ agents: [], cancelledTasks: 0 });
    const resume = (token: string) =>
      perform(token, 'setAgentStatus', { id: agent.globalId, status: 'ACTIVE' }, 'agent { status }');
    expect(await resume(manager)).toMatchObject({ __typename: 'ForbiddenError', requires: 'admin:*' });
    expect(await resume(admin)).toMatchObject({ agent: { status: 'ACTIVE' } });
  });

  it('without an agent stops all of the tenant, and nobody else’s', async () => {
    const own = await gateway.seed.tenant();
    const token = await gateway.tokenFor(await own.user('ADMINISTRATOR'));
    await own.agent({ name: 'One' });
    await own.agent({ name: 'Two', status: 'PAUSED' });
    const other = await tenant.agent();
    const { agents } = await stop(token, { reason: 'Everything.' });
    expect(agents.map(({ name, status }: Record<string, string>) => `${name} ${status}`).toSorted()).toEqual([
      'One EMERGENCY_STOPPED',
      'Two EMERGENCY_STOPPED',
    ]);
    const [row] = await gateway.seed.sql('SELECT status FROM "Agent" WHERE id = $1', [other.id]);
    expect(row).toEqual({ status: 'ACTIVE' });
  });

  it('answers ForbiddenError, NotFoundError, ValidationError, InvalidStateError', async () => {
    const [agent, archived] = [await tenant.agent(), await tenant.agent({ status: 'ARCHIVED' })];
    const reason = 'r';
    expect(await stop(manager, { reason })).toMatchObject({ __typename: 'ForbiddenError', requires: 'write:agents' });
    for (const agentId of [absent('Agent'), absent('Task'), 'garbage'])
      expect(await stop(admin, { agentId, reason })).toMatchObject({ __typename: 'NotFoundError' });
    expect(await stop(stranger, { agentId: agent.globalId, reason })).toMatchObject({ __typename: 'NotFoundError' });
    expect(await stop(admin, { agentId: agent.globalId, reason: '' })).toMatchObject({ __typename: 'ValidationError' });
    expect(await stop(admin, { agentId: archived.globalId, reason })).toMatchObject({
      __typename: 'InvalidStateError',
      state: 'ARCHIVED',
    });
  });
});

describe('createCampaign', () => {
  let agent: SeededAgent;
  beforeAll(async () => {
    agent = await tenant.agent();
  });
  const create = (token: string, more: object = {}) =>
    perform(
      token,
      'createCampaign',
      { agentIds: [agent.globalId], name: 'Fog', goals: '5 posts about fog', durationDays: 7, ...more },
      'campaign { name status priority estimatedPosts agents { id } plan { revision } budgetTotalUsd version stateVersion }',
    );

  it('answers at once with an estimate; the plan follows', async () => {
    expect(await create(manager, { budgetTotalUsd: '40' })).toEqual({
      __typename: 'CreateCampaignSuccess',
      campaign: {
        name: 'Fog',
        status: 'ACTIVE',
        priority: 'MEDIUM',
        estimatedPosts: 5,
        agents: [{ id: agent.globalId }],
        plan: null,
        budgetTotalUsd: '40.00',
        version: 1,
        stateVersion: 1,
      },
    });
    expect((await create(manager, { activate: false })).campaign.status).toBe('DRAFT');
  });

  it('answers ValidationError, NotFoundError, InvalidStateError, ForbiddenError', async () => {
    const archived = await tenant.agent({ status: 'ARCHIVED' });
    const foreign = await (await gateway.seed.tenant()).agent();
    const withoutIds = ({ code, __typename, ...rest }: Record<string, unknown>) => ({ __typename, code, ...rest });
    expect({
      invalid: await create(manager, { agentIds: [], goals: '', endsAt: '2020-01-01T00:00:00Z', durationDays: null }),
      foreign: withoutIds(await create(manager, { agentIds: [foreign.globalId] })),
      archived: await create(manager, { agentIds: [archived.globalId] }),
      forbidden: await create(reviewer),
    }).toMatchInlineSnapshot(`
      {
        "archived": {
          "__typename": "InvalidStateError",
          "code": "INVALID_STATE",
          "retryable": false,
          "state": "ARCHIVED",
        },
        "forbidden": {
          "__typename": "ForbiddenError",
          "code": "FORBIDDEN",
          "requires": "write:campaigns",
          "retryable": false,
        },
        "foreign": {
          "__typename": "NotFoundError",
          "code": "NOT_FOUND",
          "retryable": false,
        },
        "invalid": {
          "__typename": "ValidationError",
          "code": "VALIDATION",
          "fields": [
            {
              "message": "needs at least one agent",
              "path": [
                "agentIds",
              ],
            },
            {
              "message": "must not be empty",
              "path": [
                "goals",
              ],
            },
          ],
          "retryable": false,
        },
      }
    `);
  });
});

describe('updateCampaign', () => {
  it('edits what is given; changed goals move stateVersion', async () => {
    const campaign = await tenant.campaign([await tenant.agent()]);
    const done = await perform(
      manager,
      'updateCampaign',
      { id: campaign.globalId, expectedVersion: 1, goals: '2 posts about rain', priority: 'HIGH' },
      'campaign { goals priority version stateVersion estimatedPosts }',
    );
    expect(done).toEqual({
      __typename: 'UpdateCampaignSuccess',
      campaign: { goals: '2 posts about rain', priority: 'HIGH', version: 2, stateVersion: 2, estimatedPosts: 2 },
    });
  });

  it('answers ConflictError, InvalidStateError, ValidationError, ForbiddenError, NotFoundError', async () => {
    const moved = await tenant.campaign([], { version: 5 });
    const ended = await tenant.campaign([], { status: 'COMPLETED' });
    const edit = (token: string, id: string, more: object = {}) =>
      perform(token, 'updateCampaign', { id, expectedVersion: 1, name: 'x', ...more }, 'campaign { id }');
    expect({
      conflict: await edit(manager, moved.globalId),
      ended: await edit(manager, ended.globalId),
      invalid: await edit(manager, moved.globalId, { budgetDailyUsd: '1000000000000' }),
      forbidden: await edit(reviewer, moved.globalId),
      foreign: await edit(stranger, moved.globalId),
    }).toMatchInlineSnapshot(`
      {
        "conflict": {
          "__typename": "ConflictError",
          "code": "CONFLICT",
          "currentVersion": 5,
          "retryable": true,
        },
        "ended": {
          "__typename": "InvalidStateError",
          "code": "INVALID_STATE",
          "retryable": false,
          "state": "COMPLETED",
        },
        "forbidden": {
          "__typename": "ForbiddenError",
          "code": "FORBIDDEN",
          "requires": "write:campaigns",
          "retryable": false,
        },
        "foreign": {
          "__typename": "NotFoundError",
          "code": "NOT_FOUND",
          "retryable": false,
        },
        "invalid": {
          "__typename": "ValidationError",
          "code": "VALIDATION",
          "fields": [
            {
              "message": ""1000000000000" is not an amount in USD such as "25" or "0.125" (at most 6 decimals)",
              "path": [
                "budgetDailyUsd",
              ],
            },
          ],
          "retryable": false,
        },
      }
    `);
  });
});

describe('setCampaignStatus and replanCampaign', () => {
  it('pause a campaign, and ask for a new plan', async () => {
    const campaign = await tenant.campaign([await tenant.agent()]);
    expect(
      await perform(manager, 'replanCampaign', { id: campaign.globalId, note: 'More rain.' }, 'campaign { id status }'),
    ).toEqual({ __typename: 'ReplanCampaignSuccess', campaign: { id: campaign.globalId, status: 'ACTIVE' } });
    const paused = await perform(
      manager,
      'setCampaignStatus',
      { id: campaign.globalId, status: 'PAUSED', reason: 'Budget.' },
      'campaign { status statusReason }',
    );
    expect(paused).toEqual({
      __typename: 'SetCampaignStatusSuccess',
      campaign: { status: 'PAUSED', statusReason: 'Budget.' },
    });
  });

  it('answer InvalidStateError, ValidationError, ForbiddenError, NotFoundError', async () => {
    const ended = await tenant.campaign([], { status: 'CANCELLED' });
    const draft = await tenant.campaign([], { status: 'DRAFT' });
    const set = (token: string, id: string, more: object = {}) =>
      perform(token, 'setCampaignStatus', { id, status: 'ACTIVE', ...more }, 'campaign { id }');
    const replan = (token: string, id: string, note = 'x') =>
      perform(token, 'replanCampaign', { id, note }, 'campaign { id }');
    expect({
      ended: await set(manager, ended.globalId),
      invalid: await set(manager, draft.globalId, { reason: 'x'.repeat(501) }),
      forbidden: await set(reviewer, draft.globalId),
      foreign: await set(stranger, draft.globalId),
      replanDraft: await replan(manager, draft.globalId),
      replanWithoutNote: await replan(manager, draft.globalId, ' '),
      replanForbidden: await replan(reviewer, draft.globalId),
      replanForeign: await replan(stranger, draft.globalId),
    }).toMatchInlineSnapshot(`
      {
        "ended": {
          "__typename": "InvalidStateError",
          "code": "INVALID_STATE",
          "retryable": false,
          "state": "CANCELLED",
        },
        "forbidden": {
          "__typename": "ForbiddenError",
          "code": "FORBIDDEN",
          "requires": "write:campaigns",
          "retryable": false,
        },
        "foreign": {
          "__typename": "NotFoundError",
          "code": "NOT_FOUND",
          "retryable": false,
        },
        "invalid": {
          "__typename": "ValidationError",
          "code": "VALIDATION",
          "fields": [
            {
              "message": "must have at most 500 characters",
              "path": [
                "reason",
              ],
            },
          ],
          "retryable": false,
        },
        "replanDraft": {
          "__typename": "InvalidStateError",
          "code": "INVALID_STATE",
          "retryable": false,
          "state": "DRAFT",
        },
        "replanForbidden": {
          "__typename": "ForbiddenError",
          "code": "FORBIDDEN",
          "requires": "write:campaigns",
          "retryable": false,
        },
        "replanForeign": {
          "__typename": "NotFoundError",
          "code": "NOT_FOUND",
          "retryable": false,
        },
        "replanWithoutNote": {
          "__typename": "ValidationError",
          "code": "VALIDATION",
          "fields": [
            {
              "message": "must not be empty",
              "path": [
                "note",
              ],
            },
          ],
          "retryable": false,
        },
      }
    `);
  });
});

describe('a review', () => {
  async function escalate(columns: Record<string, unknown> = {}) {
    const agent = await tenant.agent();
    const campaign = await tenant.campaign([agent]);
    const task = await agent.task({ campaignId: campaign.id, status: 'ESCALATED' });
    return { ...(await task.review(columns)), task };
  }
  const fields =
    'review { status version assignedTo { name } decidedBy { name } feedback editedContent task { status } }';

  it('is claimed by one reviewer and released again', async () => {
    const review = await escalate();
    const claim = await perform(reviewer, 'claimReview', { id: review.globalId, expectedVersion: 1 }, fields);
    expect(claim).toMatchObject({
      __typename: 'ClaimReviewSuccess',
      review: { version: 2, assignedTo: { name: 'Rae' } },
    });
    expect(
      await perform(secondReviewer, 'approveReview', { id: review.globalId, expectedVersion: 2 }, fields),
    ).toMatchObject({ __typename: 'InvalidStateError', state: 'CLAIMED' });
    const release = await perform(reviewer, 'releaseReview', { id: review.globalId, expectedVersion: 2 }, fields);
    expect(release).toMatchObject({ __typename: 'ReleaseReviewSuccess', review: { version: 3, assignedTo: null } });
  });

  it('is approved: its task is complete', async () => {
    const review = await escalate();
    expect(
      await perform(
        reviewer,
        'approveReview',
        { id: review.globalId, expectedVersion: 1, feedback: 'Lovely.' },
        fields,
      ),
    ).toMatchInlineSnapshot(`
      {
        "__typename": "ApproveReviewSuccess",
        "review": {
          "assignedTo": null,
          "decidedBy": {
            "name": "Rae",
          },
          "editedContent": null,
          "feedback": "Lovely.",
          "status": "APPROVED",
          "task": {
            "status": "COMPLETE",
          },
          "version": 2,
        },
      }
    `);
  });

  it('is rejected with feedback', async () => {
    const review = await escalate();
    const done = await perform(
      reviewer,
      'rejectReview',
      { id: review.globalId, expectedVersion: 1, feedback: 'Too foggy.' },
      fields,
    );
    expect(done).toMatchObject({
      __typename: 'RejectReviewSuccess',
      review: { status: 'REJECTED', version: 2, feedback: 'Too foggy.', decidedBy: { name: 'Rae' } },
    });
  });

  it('is edited: what leaves is the edited content', async () => {
    const review = await escalate();
    const content = { ...POST, text: 'Fog, and a gull.' };
    const done = await perform(
      reviewer,
      'editReview',
      { id: review.globalId, expectedVersion: 1, content },
      `review { status editedContent task { status } }`,
    );
    expect(done).toMatchObject({
      __typename: 'EditReviewSuccess',
      review: { status: 'EDITED', editedContent: content, task: { status: 'COMPLETE' } },
    });
  });

  it('is decided by one of two reviewers at once', async () => {
    const review = await escalate();
    const both = await Promise.all(
      [reviewer, secondReviewer].map((token) =>
        perform(token, 'approveReview', { id: review.globalId, expectedVersion: 1 }, fields),
      ),
    );
    expect(both.filter((answer) => answer.__typename === 'ApproveReviewSuccess')).toHaveLength(1);
  });

  it.each(['claimReview', 'releaseReview', 'approveReview', 'rejectReview', 'editReview'])(
    '%s answers ConflictError, InvalidStateError, ValidationError, ForbiddenError and NotFoundError',
    async (name) => {
      const open = await escalate({ version: 4 });
      const done = await escalate();
      await perform(reviewer, 'approveReview', { id: done.globalId, expectedVersion: 1 }, 'review { id }');
      const narrowed = await gateway.tokenFor(await tenant.user('CONTENT_REVIEWER'), { permissions: ['read:agents'] });
      const attempt = (token: string, id: string, expectedVersion: number) =>
        perform(
          token,
          name,
          { id, expectedVersion, ...(name === 'editReview' ? { content: POST } : {}) },
          'review { id }',
        );
      expect(await attempt(reviewer, open.globalId, 3)).toMatchObject(
        name === 'releaseReview'
          ? { retryable: expect.any(Boolean) }
          : { __typename: 'ConflictError', currentVersion: 4 },
      );
      expect(await attempt(reviewer, done.globalId, 2)).toMatchObject({
        __typename: 'InvalidStateError',
        state: 'APPROVED',
      });
      expect(await attempt(reviewer, open.globalId, 0)).toMatchObject({
        __typename: 'ValidationError',
        fields: [{ path: ['expectedVersion'] }],
      });
      expect(await attempt(narrowed, open.globalId, 4)).toMatchObject({
        __typename: 'ForbiddenError',
        requires: 'approve:hitl',
      });
      expect(await attempt(stranger, open.globalId, 4)).toMatchObject({ __typename: 'NotFoundError' });
      expect(await attempt(reviewer, absent('Review'), 1)).toMatchObject({ __typename: 'NotFoundError' });
      expect(await attempt(reviewer, 'garbage', 1)).toMatchObject({ __typename: 'NotFoundError' });
    },
  );
});
