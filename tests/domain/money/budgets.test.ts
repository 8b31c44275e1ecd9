import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BudgetExceededError } from '../../../domain/errors.ts';
import { decimalToMicroUsd, microUsdToDecimal } from '../../../domain/money/money.ts';
import type { Reservation, ReservationRequest } from '../../../domain/money/reserve.ts';
import { release, reserve, settle } from '../../../domain/money/reserve.ts';
import { openDatabase } from '../../../platform/database.ts';
import { releaseExpiredReservations } from '../../../swarm/relay/expire-leases.ts';
import type { SeededAgent, SeededTenant } from '../../support/seed.ts';
import type { Domain } from '../domain-fixture.ts';
import { openDomain } from '../domain-fixture.ts';

const NOW = new Date('2030-05-01T23:59:00Z');
const EXPIRES = new Date('2030-05-02T00:20:00Z');

let domain: Domain;
let tenant: SeededTenant;
let agent: SeededAgent;
let campaignId: string;
beforeAll(async () => {
  domain = await openDomain({ poolSize: 20 });
  tenant = await domain.seed.tenant();
});
beforeEach(async () => {
  agent = await tenant.agent({ budgetDailyMicroUsd: 1_000 });
  campaignId = (await tenant.campaign([agent], { budgetDailyMicroUsd: 5_000, budgetTotalMicroUsd: 6_000 })).id;
});
afterAll(() => domain.close());
const context = () => domain.context(tenant.id, { now: NOW });
const request = (amountMicroUsd: number, more: Partial<ReservationRequest> = {}): ReservationRequest => ({
  agentId: agent.id,
  campaignId,
  taskId: null,
  attempt: null,
  category: 'MODEL',
  amountMicroUsd,
  ...more,
});
const take = (requests: ReservationRequest[], now = NOW): Promise<Reservation[]> =>
  context().db.transaction((sql) => reserve(sql, tenant.id, requests, now, EXPIRES));
const pay = (reservation: Reservation | undefined, actualMicroUsd: number, now = NOW) =>
  context().db.transaction((sql) =>
    settle(sql, tenant.id, reservation ? [{ reservation, actualMicroUsd, model: 'offline' }] : [], now),
  );
const refusalOf = (work: Promise<unknown>): Promise<BudgetExceededError> =>
  work.then(
    () => Promise.reject(new Error('it should have been refused')),
    (error) => (error instanceof BudgetExceededError ? error : Promise.reject(error)),
  );

/** What the accounts say and what the ledger adds up to, for each scope and day: they must be equal. */
async function books(): Promise<{ scope: string; day: string; reserved: number; spent: number }[]> {
  const accounts = await domain.sql<{ scope: string; day: string; reserved: number; spent: number }>(
    `SELECT CASE "scopeId" WHEN $1 THEN 'agent' ELSE 'campaign' END AS scope, day::text, "reservedMicroUsd"::int AS reserved, "spentMicroUsd"::int AS spent
     FROM "BudgetAccount" WHERE "scopeId" IN ($1, $2) ORDER BY 1, 2`,
    [agent.id, campaignId],
  );
  const ledger = await domain.sql(
    `SELECT scope, day, sum(CASE WHEN status = 'RESERVED' THEN "reservedMicroUsd" ELSE 0 END)::int AS reserved, sum("actualMicroUsd")::int AS spent
     FROM "SpendEntry", LATERAL (VALUES ('agent', "agentId", day::text), ('agent', "agentId", '1970-01-01'), ('campaign', "campaignId", day::text), ('campaign', "campaignId", '1970-01-01')) AS s(scope, id, day)
     WHERE s.id IN ($1, $2) GROUP BY 1, 2 ORDER BY 1, 2`.replace('SELECT scope, day,', 'SELECT s.scope, s.day,'),
    [agent.id, campaignId],
  );
  expect(accounts).toEqual(ledger);
  return accounts;
}

describe('reserve', () => {
  test('counts against the day and the total of agent and campaign at once', async () => {
    await take([request(300), request(100, { category: 'MEDIA' })]);
    expect(await books()).toEqual([
      { scope: 'agent', day: '1970-01-01', reserved: 400, spent: 0 },
      { scope: 'agent', day: '2030-05-01', reserved: 400, spent: 0 },
      { scope: 'campaign', day: '1970-01-01', reserved: 400, spent: 0 },
      { scope: 'campaign', day: '2030-05-01', reserved: 400, spent: 0 },
    ]);
  });

  test('takes the limit exactly and not one micro-USD more, and says which limit', async () => {
    await take([request(1_000)]);
    expect(await refusalOf(take([request(1)]))).toMatchObject({
      scopeId: agent.id,
      limitMicroUsd: 1_000,
      spentMicroUsd: 1_000,
      requestedMicroUsd: 1,
      code: 'BUDGET_EXCEEDED',
    });
    expect((await refusalOf(take([request(1)]))).message).toMatch(
      /The daily budget of the agent Mira would be exceeded/,
    );
  });

  test('is all or nothing: what one request of several lacks refuses them all and leaves no trace', async () => {
    await refusalOf(take([request(600), request(600)]));
    expect(await books()).toEqual([]);
  });

  test('a first request above the limit is refused too', async () => {
    expect(await refusalOf(take([request(1_001)]))).toMatchObject({ limitMicroUsd: 1_000, spentMicroUsd: 0 });
  });

  test('the campaign’s total holds over the days, while a new day opens the daily budget again', async () => {
    for (let day = 1; day <= 6; day += 1) await take([request(1_000)], new Date(`2030-06-0${day}T12:00:00Z`));
    const refused = await refusalOf(take([request(1)], new Date('2030-06-07T12:00:00Z')));
    expect(refused).toMatchObject({ scopeId: campaignId, limitMicroUsd: 6_000 });
    expect(refused.message).toMatch(/The total budget of the campaign Fog week/);
  });

  test('no limit set means none, a limit of 0 means nothing', async () => {
    const free = (await tenant.campaign([agent])).id;
    await take([request(900, { campaignId: free })]);
    const none = await tenant.agent({ budgetDailyMicroUsd: 0 });
    await refusalOf(take([request(1, { agentId: none.id })]));
    expect(await take([request(0, { agentId: none.id })])).toHaveLength(1);
  });

  test('the agent’s total holds over its campaigns and days', async () => {
    agent = await tenant.agent({ budgetTotalMicroUsd: 1_500 });
    await take([request(900)]);
    campaignId = (await tenant.campaign([agent])).id;
    const refused = await refusalOf(take([request(601)], new Date('2030-05-07T12:00:00Z')));
    expect(refused).toMatchObject({ scopeId: agent.id, day: '1970-01-01', limitMicroUsd: 1_500, spentMicroUsd: 900 });
    expect(refused.message).toMatch(/The total budget of the agent Mira/);
    await take([request(600)], new Date('2030-05-07T12:00:00Z'));
  });

  test.each([
    ['agent’s day', { budgetDailyMicroUsd: 1_000 }, {}],
    ['agent’s total', { budgetTotalMicroUsd: 1_000 }, {}],
    ['campaign’s day', {}, { budgetDailyMicroUsd: 1_000 }],
    ['campaign’s total', {}, { budgetTotalMicroUsd: 1_000 }],
  ])(
    '50 reservations at once from five processes never overshoot the %s: exactly as many are granted as fit',
    async (_limit, ofAgent, ofCampaign) => {
      agent = await tenant.agent(ofAgent);
      campaignId = (await tenant.campaign([agent], ofCampaign)).id;
      const processes = Array.from({ length: 5 }, () => openDatabase({ url: domain.appUrl, poolSize: 10 }));
      try {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 50 }, (_, index) =>
            processes[index % 5]
              ?.tenant(tenant.id)
              .transaction((sql) => reserve(sql, tenant.id, [request(30)], NOW, EXPIRES)),
          ),
        );
        expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(33);
        for (const outcome of outcomes)
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(BudgetExceededError);
        for (const account of await books()) expect(account).toMatchObject({ reserved: 990, spent: 0 });
      } finally {
        await Promise.all(processes.map((database) => database.close()));
      }
    },
  );
});

describe('settle and release', () => {
  test('the actual cost takes the reservation’s place, on the day that was reserved; what was too much is free again', async () => {
    const [reservation] = await take([request(800)]);
    await pay(reservation, 200.4, new Date('2030-05-02T00:01:00Z'));
    expect((await books()).filter(({ scope }) => scope === 'agent')).toEqual([
      { scope: 'agent', day: '1970-01-01', reserved: 0, spent: 200 },
      { scope: 'agent', day: '2030-05-01', reserved: 0, spent: 200 },
    ]);
    await take([request(800)]);
  });

  test('settling twice, and releasing what is settled, changes nothing', async () => {
    const [reservation] = await take([request(800)]);
    await Promise.all([pay(reservation, 200), pay(reservation, 200)]);
    await context().db.transaction((sql) => release(sql, tenant.id, [reservation?.id ?? '']));
    expect((await books())[1]).toMatchObject({ reserved: 0, spent: 200 });
  });

  test('what was spent after the reservation ran out is entered all the same, and once', async () => {
    const [reservation] = await take([request(800)]);
    await domain.sql(`UPDATE "SpendEntry" SET "expiresAt" = now() - interval '1 second' WHERE id = $1`, [
      reservation?.id,
    ]);
    await Promise.all([releaseExpiredReservations(domain.relay), releaseExpiredReservations(domain.relay)]);
    expect((await books())[1]).toMatchObject({ reserved: 0, spent: 0 });
    await pay(reservation, 300);
    await pay(reservation, 300);
    expect((await books())[1]).toMatchObject({ reserved: 0, spent: 300 });
  });

  test('what was spent without a reservation, because nothing was estimated, is entered once', async () => {
    const [reservation] = await take([request(0)]);
    await pay(reservation, 70);
    await pay(reservation, 70);
    expect((await books())[1]).toMatchObject({ reserved: 0, spent: 70 });
  });

  test('more than was reserved is entered as it is: the money is spent', async () => {
    const [reservation] = await take([request(500)]);
    await pay(reservation, 1_500);
    expect((await books())[1]).toMatchObject({ reserved: 0, spent: 1_500 });
    await refusalOf(take([request(1)]));
  });

  test('ledger and accounts agree after 60 reservations are settled, released and expired side by side', async () => {
    const rich = await tenant.agent({ budgetDailyMicroUsd: 1_000_000 });
    agent = rich;
    campaignId = (await tenant.campaign([rich])).id;
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const [reservation] = await take([request(10 + index)]);
        if (index % 4 === 0) return;
        if (index % 4 === 1) await context().db.transaction((sql) => release(sql, tenant.id, [reservation?.id ?? '']));
        await Promise.all([pay(reservation, index), index % 4 === 3 ? releaseExpiredReservations(domain.relay) : null]);
      }),
    );
    expect((await books())[1]?.spent).toBe(
      Array.from({ length: 60 }, (_, index) => (index % 4 === 0 ? 0 : index)).reduce((sum, cost) => sum + cost, 0),
    );
  });
});

describe('amounts', () => {
  test.each([
    ['25', 25_000_000, '25.00'],
    ['0.125', 125_000, '0.125'],
    ['0.000001', 1, '0.000001'],
    ['-1.5', -1_500_000, '-1.50'],
    ['12.345678', 12_345_678, '12.345678'],
    ['1000000', 1_000_000_000_000, '1000000.00'],
  ])('%s USD is %i micro-USD, and back', (decimal, micro, back) => {
    expect(decimalToMicroUsd(decimal)).toBe(micro);
    expect(microUsdToDecimal(micro)).toBe(back);
  });
  test.each(['', '1,5', '1e3', '.5', '5.', '0.1234567', 'NaN', '99999999999999', '0x10'])(
    '“%s” is no amount',
    (text) => {
      expect(() => decimalToMicroUsd(text)).toThrow(RangeError);
    },
  );
});
