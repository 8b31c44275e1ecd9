import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { encodeEventCursor } from '../../gateway/event-cursor.ts';
import { createEventHub } from '../../gateway/event-hub.ts';
import { MAX_WAITING_EVENTS } from '../../gateway/event-subscriber.ts';
import type { Database } from '../../platform/database.ts';
import { openDatabase } from '../../platform/database.ts';
import { openBlockingRedis } from '../../platform/redis.ts';
import type { TestGateway } from '../support/gateway.ts';
import { startTestGateway } from '../support/gateway.ts';
import { openLiveClient } from '../support/live-client.ts';
import type { SeededAgent, SeededTenant } from '../support/seed.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

const AGENTS = 'subscription ($after: String) { agents(after: $after) { cursor agent { name } } }';

let gateway: TestGateway;
let tenant: SeededTenant;
let token: string;
let live: ReturnType<typeof openLiveClient>;
let agent: SeededAgent;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(async () => {
  await live.close();
  await gateway.close();
});
beforeEach(async () => {
  await live?.close();
  tenant = await gateway.seed.tenant();
  token = await gateway.tokenFor(await tenant.user('ADMINISTRATOR'));
  live = openLiveClient(gateway.url, token);
  agent = await tenant.agent();
});

const change = () => tenant.event({ topic: 'agent', subjectId: agent.id, agentId: agent.id });
const publish = () => gateway.publishEvents({ tenantId: tenant.id });
const listening = (count = 1) =>
  waitFor(() => gateway.gateway.subscribers() >= count, { message: `${count} subscribers` });
const changes = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index++) await change();
};
const positionOf = (cursor: string): number => Number(Buffer.from(cursor, 'base64url').readBigUInt64BE(17));
const positions = (stream: ReturnType<typeof live.subscribe>) =>
  stream.answers.map((answer) => positionOf(answer.data.agents.cursor));
const allPositions = async (): Promise<number[]> =>
  (
    await gateway.seed.sql<{ position: string }>(
      'SELECT position FROM "Event" WHERE "tenantId" = $1 ORDER BY position',
      [tenant.id],
    )
  ).map((row) => Number(row.position));

describe('a subscription', () => {
  it('without a cursor starts now', async () => {
    await changes(3);
    await publish();
    const stream = live.subscribe(AGENTS);
    await listening();
    await change();
    await publish();
    await stream.received(1);
    expect(positions(stream)).toEqual((await allPositions()).slice(-1));
  });

  it('with a cursor first replays what came after it, then goes on live', async () => {
    await changes(5);
    await publish();
    const all = await allPositions();
    const stream = live.subscribe(AGENTS, { after: encodeEventCursor(tenant.id, all[1] ?? 0) });
    await stream.received(3);
    await changes(2);
    await publish();
    await stream.received(5);
    expect(positions(stream)).toEqual((await allPositions()).slice(2));
  });

  it('replays more than a page, other topics left out', async () => {
    await change();
    await gateway.seed.sql(
      `INSERT INTO "Outbox" ("tenantId", topic, kind, "subjectId", "agentId", version, data, "traceId") SELECT $1, CASE WHEN i % 2 = 0 THEN 'agent' ELSE 'task' END, 'UPDATED', $2, $2, 1, '{}', 't' FROM generate_series(1, 3000) i`,
      [tenant.id, agent.id],
    );
    await publish();
    const [first] = await allPositions();
    const stream = live.subscribe('subscription ($after: String) { agents(after: $after) { cursor } }', {
      after: encodeEventCursor(tenant.id, first ?? 0),
    });
    await stream.received(1500);
    await change();
    await publish();
    await stream.received(1501);
    const got = positions(stream);
    expect(got).toEqual([...got].sort((a, b) => a - b));
    expect(new Set(got).size).toBe(1501);
  });

  it('has no seam: subscribers that come and resume while events are written get every one, once, in order', async () => {
    await change();
    await publish();
    const [base] = await allPositions();
    let writing = true;
    const writer = (async () => {
      for (let round = 0; round < 60; round++) {
        await changes(1 + (round % 7));
        if (round % 3 === 0) await gateway.publishEvents();
        else await publish();
      }
      writing = false;
    })();
    const streams: ReturnType<typeof live.subscribe>[] = [];
    while (writing) {
      streams.push(
        live.subscribe('subscription ($after: String) { agents(after: $after) { cursor } }', {
          after: encodeEventCursor(tenant.id, base ?? 0),
        }),
      );
      const previous = streams.at(-2);
      const cursor = previous?.answers.at(-1)?.data.agents.cursor;
      if (cursor)
        streams.push(
          live.subscribe('subscription ($after: String) { agents(after: $after) { cursor } }', { after: cursor }),
        );
      await waitFor(() => !writing || (streams.at(-1)?.answers.length ?? 0) > 0, { message: 'a first payload' });
      if (streams.length > 80) break;
    }
    await writer;
    await change();
    await publish();
    const all = await allPositions();
    const last = all.at(-1) ?? 0;
    await waitFor(() => streams.every((stream) => positions(stream).at(-1) === last), {
      message: 'everybody to have the last event',
    });
    for (const stream of streams) {
      const got = positions(stream);
      expect(got).toEqual(all.slice(all.indexOf(got[0] ?? -1)));
    }
    expect(streams.filter((stream) => positions(stream)[0] === all[1]).length).toBeGreaterThan(0);
  });

  it('neither loses nor doubles an event that goes live while a page of its replay is on the way', async () => {
    await changes(2);
    await publish();
    const [base] = await allPositions();
    let hold = (): void => {};
    let release = (): void => {};
    const pageRead = new Promise<void>((resolve) => {
      hold = resolve;
    });
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    /** The page behind `base` is read from the table, and then waits on its way back. */
    const database: Database = {
      ...gateway.database,
      tenant(tenantId) {
        const real = gateway.database.tenant(tenantId);
        return {
          ...real,
          async query<R extends Record<string, unknown>>(text: string, values?: readonly unknown[]) {
            const rows = await real.query<R>(text, values);
            if (text.includes('ORDER BY position') && values?.[1] === base) {
              hold();
              await gate;
            }
            return rows;
          },
        };
      },
    };
    const { logger } = gateway.options;
    const hub = createEventHub({
      database,
      redis: gateway.subscriber,
      prefix: gateway.redisPrefix,
      retentionHours: 1,
      logger,
    });
    try {
      const interest = { topic: 'agent' } as const;
      const watching = await hub.subscribe(tenant.id, null, interest);
      const resuming = await hub.subscribe(tenant.id, encodeEventCursor(tenant.id, base ?? 0), interest);
      await pageRead;
      await change();
      await publish();
      await watching.next(); // the hub has gone past the page
      release();
      await resuming.next();
      await change();
      await publish();
      const got = [await resuming.next(), await resuming.next()].map(
        ({ value }) => 'event' in value && value.event.position,
      );
      expect(got).toEqual((await allPositions()).slice(2));
    } finally {
      hub.close();
    }
  });

  it("never sees another tenant's events", async () => {
    const stream = live.subscribe(AGENTS);
    await listening();
    const stranger = await gateway.seed.tenant();
    const strange = await stranger.agent();
    await stranger.event({ topic: 'agent', subjectId: strange.id, agentId: strange.id });
    await change();
    await gateway.publishEvents();
    await publish();
    await stream.received(1);
    expect(stream.answers.map((answer) => answer.data.agents.agent.name)).toEqual(['Mira']);
  });
});

describe('a cursor that cannot be continued from', () => {
  const refused = async (after: string) => {
    const stream = live.subscribe(AGENTS, { after });
    await stream.ended();
    expect(stream.answers).toHaveLength(1);
    return stream.answers[0]?.errors?.[0];
  };

  it("is refused with CURSOR_EXPIRED and what to do: garbage, another tenant's, from the future, older than what is kept", async () => {
    await changes(4);
    await publish();
    const all = await allPositions();
    await gateway.seed.sql('ALTER TABLE "Event" DISABLE TRIGGER append_only');
    await gateway.seed.sql('DELETE FROM "Event" WHERE position = ANY($1)', [all.slice(0, 2)]);
    await gateway.seed.sql('ALTER TABLE "Event" ENABLE TRIGGER append_only');
    const cursors = {
      garbage: 'abc',
      foreign: encodeEventCursor((await gateway.seed.tenant()).id, all[3] ?? 0),
      future: encodeEventCursor(tenant.id, (all[3] ?? 0) + 1_000),
      old: encodeEventCursor(tenant.id, all[1] ?? 0),
    };
    const answers: Record<string, unknown> = {};
    for (const [name, cursor] of Object.entries(cursors)) {
      const error = await refused(cursor);
      answers[name] = { message: error?.message, extensions: error?.extensions };
    }
    expect(answers).toMatchInlineSnapshot(`
      {
        "foreign": {
          "extensions": {
            "code": "CURSOR_EXPIRED",
            "retryable": false,
          },
          "message": "\`after\` is a cursor of another account. Leave it out to start now.",
        },
        "future": {
          "extensions": {
            "code": "CURSOR_EXPIRED",
            "retryable": false,
          },
          "message": "\`after\` is ahead of the newest event: it is from another installation or from before a restore. Leave it out to start now.",
        },
        "garbage": {
          "extensions": {
            "code": "CURSOR_EXPIRED",
            "retryable": false,
          },
          "message": "\`after\` is not a cursor of this API. Take \`cursor\` from a payload, or leave \`after\` out to start now.",
        },
        "old": {
          "extensions": {
            "code": "CURSOR_EXPIRED",
            "retryable": false,
          },
          "message": "\`after\` is older than the 168 hours that events are kept. Read a snapshot with a query, then subscribe without \`after\`.",
        },
      }
    `);
    const kept = live.subscribe(AGENTS, { after: encodeEventCursor(tenant.id, all[2] ?? 0) });
    await kept.received(1);
    expect(positions(kept)).toEqual([all[3]]);
  });
});

describe('a subscriber that does not read', () => {
  it('is dropped with LAGGED and a cursor from which nothing is lost', async () => {
    const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    const messages: {
      type: string;
      payload?: {
        data?: { agents: { cursor: string } } | null;
        errors?: { extensions: { code: string; cursor: string } }[];
      };
    }[] = [];
    socket.on('message', (data) => messages.push(JSON.parse(String(data)) as (typeof messages)[number]));
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { token } })));
    await waitFor(() => messages.length > 0);
    // Payloads of a few hundred kilobytes fill the socket's buffers after a moment; then nobody takes from the hub.
    await gateway.seed.sql('UPDATE "Agent" SET "soulMarkdown" = repeat($2, 400000) WHERE id = $1', [agent.id, 'x']);
    socket.send(
      JSON.stringify({
        type: 'subscribe',
        id: '1',
        payload: { query: 'subscription { agents { cursor agent { persona { soulMarkdown } } } }' },
      }),
    );
    await listening();
    socket.pause();
    for (let round = 0; round < 3; round++) {
      await gateway.seed.sql(
        `INSERT INTO "Outbox" ("tenantId", topic, kind, "subjectId", "agentId", version, data, "traceId") SELECT $1, 'agent', 'UPDATED', $2, $2, 1, '{}', 't' FROM generate_series(1, $3) i`,
        [tenant.id, agent.id, MAX_WAITING_EVENTS],
      );
      await publish();
    }
    await waitFor(() => gateway.gateway.subscribers() === 0, { message: 'the subscriber to be dropped' });
    socket.resume();
    await waitFor(() => messages.some((message) => message.type === 'complete'), {
      message: 'the end',
      timeoutMs: 15_000,
    });
    const error = messages.find((message) => message.payload?.errors)?.payload?.errors?.[0];
    expect(error?.extensions).toMatchObject({ code: 'LAGGED', retryable: true });
    const seen = messages.flatMap((message) =>
      message.payload?.data ? [positionOf(message.payload.data.agents.cursor)] : [],
    );
    const all = await allPositions();
    expect(seen).toEqual(all.slice(0, seen.length));
    expect(positionOf(error?.extensions.cursor ?? '')).toBe(seen.at(-1));
    socket.close();
  });
});

describe('without Redis', () => {
  it('events still arrive, and hints work again when it is back', async () => {
    const target = new URL(gateway.redisUrl);
    const proxy = await startTcpProxy(Number(target.port));
    target.port = String(proxy.port);
    const subscriber = openBlockingRedis(target.toString(), () => {});
    const database = openDatabase({ url: gateway.appUrl, poolSize: 3 });
    const own = await startTestGateway({ subscriber, database, redisPrefix: gateway.redisPrefix });
    const client = openLiveClient(own.url, token);
    try {
      const stream = client.subscribe(AGENTS);
      await waitFor(() => own.gateway.subscribers() === 1);
      await proxy.cut();
      await changes(2);
      await publish();
      await stream.received(2);
      const cursor = stream.answers.at(-1)?.data.agents.cursor;
      const second = client.subscribe(AGENTS, { after: cursor });
      await waitFor(() => own.gateway.subscribers() === 2);
      await proxy.restore();
      await change();
      await publish();
      await Promise.all([stream.received(3), second.received(1)]);
      const all = await allPositions();
      expect([positions(stream), positions(second)]).toEqual([all, all.slice(2)]);
    } finally {
      await client.close();
      await own.close();
      await proxy.close();
    }
  });
});

describe('while PostgreSQL is away', () => {
  it('subscribers stay, and get what they missed when it is back', async () => {
    const target = new URL(gateway.appUrl);
    const proxy = await startTcpProxy(Number(target.port));
    target.port = String(proxy.port);
    const own = await startTestGateway({
      database: openDatabase({ url: target.toString(), poolSize: 3 }),
      redisPrefix: gateway.redisPrefix,
    });
    const client = openLiveClient(own.url, token);
    try {
      const stream = client.subscribe(AGENTS);
      await waitFor(() => own.gateway.subscribers() === 1);
      await proxy.cut();
      await changes(2);
      await publish();
      await waitFor(() => own.logs.some((line) => String(line.msg).includes('events could not be read')), {
        message: 'a failed read',
      });
      await proxy.restore();
      await stream.received(2);
      expect(positions(stream)).toEqual(await allPositions());
    } finally {
      await client.close();
      await own.close();
      await proxy.close();
    }
  });
});

describe('the cost of watching', () => {
  it('is one read of the table a wake-up, however many watch; none when nobody does', async () => {
    const streams = Array.from({ length: 50 }, () => live.subscribe('subscription { agents { cursor } }'));
    await listening(50);
    await change();
    const before = gateway.database.statements();
    await publish();
    await Promise.all(streams.map((stream) => stream.received(1)));
    expect(gateway.database.statements() - before).toBeLessThan(8); // the read, its rows, and at most a few polls meanwhile
    for (const stream of streams) stream.stop();
    await waitFor(() => gateway.gateway.subscribers() === 0);
    const channels = (await gateway.redis.pubsub('CHANNELS', `${gateway.redisPrefix}:events:${tenant.id}`)) as string[];
    await waitFor(
      async () =>
        ((await gateway.redis.pubsub('CHANNELS', `${gateway.redisPrefix}:events:${tenant.id}`)) as string[]).length ===
        0,
      { message: `release of ${channels.join()}` },
    );
  });
});
