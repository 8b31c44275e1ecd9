import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { ChimeraClient } from '../../../clients/sdk/index.ts';
import {
  agentsQuery,
  ChimeraRequestError,
  createAgentMutation,
  createChimeraClient,
  reviewQueueSubscription,
  tasksSubscription,
} from '../../../clients/sdk/index.ts';
import { startGateway } from '../../../gateway/server.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { startTestGateway } from '../../support/gateway.ts';
import type { Seeded, SeededAgent, SeededTenant } from '../../support/seed.ts';
import { waitFor } from '../../support/wait-for.ts';

let gateway: TestGateway;
let tenant: SeededTenant;
let admin: Seeded & { tenantId: string };
let agent: SeededAgent;
let client: ChimeraClient;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(async () => {
  tenant = await gateway.seed.tenant();
  admin = await tenant.user('ADMINISTRATOR');
  agent = await tenant.agent({ name: 'Mira' });
  client = createChimeraClient({ url: gateway.url, token: () => gateway.tokenFor(admin), webSocketImpl: WebSocket });
});
afterEach(() => client.close());

const change = async () => {
  const task = await agent.task();
  await tenant.event({ topic: 'task', kind: 'CREATED', subjectId: task.id, agentId: agent.id });
  await gateway.publishEvents({ tenantId: tenant.id });
  return task.globalId;
};

describe('requests', () => {
  it('bring typed answers', async () => {
    const { agents } = await client.query(agentsQuery, { first: 5 });
    expect(agents.totalCount).toBe(1);
    expect(agents.nodes.map((node) => node.name)).toEqual(['Mira']);
  });

  it("bring a mutation's expected failures as members of its union", async () => {
    const { createAgent } = await client.mutate(createAgentMutation, { input: { name: '', budgetDailyUsd: '1' } });
    if (createAgent.__typename !== 'ValidationError') throw new Error(createAgent.__typename);
    expect(createAgent.fields[0]).toEqual({ path: ['name'], message: 'must not be empty' });
  });

  it('throw ChimeraRequestError for a bad token, a masked error, or no answer', async () => {
    const failure = (made: ChimeraClient) =>
      made.query(agentsQuery, {}).then(
        () => null,
        (error: unknown) => error as ChimeraRequestError,
      );
    const refused = await failure(createChimeraClient({ url: gateway.url, token: 'nonsense' }));
    expect(refused).toBeInstanceOf(ChimeraRequestError);
    expect(refused).toMatchObject({ code: 'UNAUTHENTICATED', status: 401, retryable: false });
    const lost = await failure(createChimeraClient({ url: 'http://127.0.0.1:1/graphql', token: 'x' }));
    expect(lost).toMatchObject({ code: 'NETWORK', status: null, retryable: true });
  });
});

describe('subscriptions', () => {
  it('go on across a restart of the gateway: nothing is missed, nothing comes twice', async () => {
    const first = await startGateway({ ...gateway.options, port: 0 });
    const url = `${first.url}/graphql`;
    const restartable = createChimeraClient({ url, token: () => gateway.tokenFor(admin), webSocketImpl: WebSocket });
    const seen: string[] = [];
    const stream = restartable.subscribe(tasksSubscription, { agentId: agent.globalId });
    const reading = (async () => {
      for await (const { tasks } of stream) seen.push(tasks.task.id);
    })();
    await waitFor(() => first.subscribers() === 1);
    const made = [await change(), await change()];
    await waitFor(() => seen.length === 2, { message: 'the first two' });
    await first.close();
    made.push(await change(), await change());
    const second = await startGateway({ ...gateway.options, port: Number(new URL(url).port) });
    await waitFor(() => seen.length === 4, { message: 'what happened meanwhile' });
    made.push(await change());
    await waitFor(() => seen.length === 5, { message: 'what happens now' });
    expect(seen).toEqual(made);
    await stream.return?.();
    await reading;
    await waitFor(() => second.subscribers() === 0, { message: 'the server to be told' });
    await restartable.close();
    await second.close();
  });

  it('start behind a cursor that was kept', async () => {
    const stream = client.subscribe(tasksSubscription, {});
    await waitFor(() => gateway.gateway.subscribers() > 0);
    await change();
    const kept = (await stream.next()).value?.tasks.cursor;
    await stream.return?.();
    const missed = await change();
    const later = client.subscribe(tasksSubscription, {}, { after: kept });
    expect((await later.next()).value?.tasks.task.id).toBe(missed);
    await later.return?.();
  });

  it('end with CURSOR_EXPIRED when they cannot go on, and with UNAUTHENTICATED for a bad token', async () => {
    await expect(client.subscribe(reviewQueueSubscription, {}, { after: 'garbage' }).next()).rejects.toMatchObject({
      name: 'ChimeraRequestError',
      code: 'CURSOR_EXPIRED',
      retryable: false,
    });
    const stranger = createChimeraClient({ url: gateway.url, token: 'nonsense', webSocketImpl: WebSocket });
    await expect(stranger.subscribe(reviewQueueSubscription, {}).next()).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      status: 4401,
    });
    await stranger.close();
  });

  it('come back with a new token when theirs has expired', async () => {
    let issued = 0;
    const forgetful = createChimeraClient({
      url: gateway.url,
      token: () => {
        issued += 1;
        return gateway.tokenFor(admin, { expiresIn: issued === 1 ? 1 : '1h' });
      },
      webSocketImpl: WebSocket,
    });
    const stream = forgetful.subscribe(tasksSubscription, {});
    await waitFor(() => issued === 2, { message: 'a second token' });
    await waitFor(() => gateway.gateway.subscribers() === 1);
    const made = await change();
    expect((await stream.next()).value?.tasks.task.id).toBe(made);
    await stream.return?.();
    await forgetful.close();
  });

  it('end at once when the reader leaves, also while it waits', async () => {
    const stream = client.subscribe(tasksSubscription, {});
    const waiting = stream.next();
    await waitFor(() => gateway.gateway.subscribers() === 1);
    await stream.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
    await waitFor(() => gateway.gateway.subscribers() === 0);
  });
});
