import { describe, expect, test } from 'vitest';
import type { TurnOrder } from '../../../swarm/relay/turn-order.ts';
import { createTurnOrder } from '../../../swarm/relay/turn-order.ts';

const take = (order: TurnOrder, tenantId: string, flow: string, count: number): number[] =>
  Array.from({ length: count }, () => order.next(tenantId, flow));

describe('the order of turns', () => {
  test('puts the first job of another agent beside the first of a flood', () => {
    const order = createTurnOrder();
    expect(take(order, 'T', 'flood', 10_000).at(-1)).toBe(10_000);
    expect(order.next('T', 'single')).toBe(2);
  });

  test('puts a job that comes later beside the one that is next, not before what already waited', () => {
    const order = createTurnOrder();
    take(order, 'T', 'flood', 1_000);
    order.advance(400);
    expect(order.next('T', 'single')).toBe(402);
    expect(order.next('T', 'flood')).toBe(1_002);
  });

  test('gives a tenant no more turns for having more agents', () => {
    const order = createTurnOrder();
    const crowd = Array.from({ length: 100 }, (_, agent) => take(order, 'crowd', `agent ${agent}`, 5)).flat();
    const ahead = (number: number) => crowd.filter((other) => other <= number).length;
    expect(ahead(order.next('single', 'agent'))).toBe(1);
    order.advance(20);
    expect(order.next('single', 'agent')).toBe(21);
    expect(ahead(21) - ahead(19)).toBeLessThanOrEqual(6);
  });

  test('starts anew when nothing waits, and when the queue was emptied behind its back', () => {
    const order = createTurnOrder();
    take(order, 'T', 'flood', 500);
    order.advance(null);
    expect(order.next('T', 'flood')).toBe(1);
    order.advance(300);
    take(order, 'T', 'flood', 500);
    order.advance(1);
    expect(order.next('T', 'flood')).toBe(2);
  });

  test('peeks without taking the turn', () => {
    const order = createTurnOrder();
    expect([order.peek('T', 'a'), order.peek('T', 'a'), order.next('T', 'a'), order.next('T', 'a')]).toEqual([
      1, 1, 1, 2,
    ]);
  });

  test('asks for lower numbers long before they end, and goes on from there', () => {
    const order = createTurnOrder();
    order.advance(2 ** 20 - 1);
    take(order, 'T', 'flood', 10);
    expect(order.advance(2 ** 20 + 4)).toBe(2 ** 20 + 3);
    expect(order.next('T', 'flood')).toBe(7);
    expect(order.next('T', 'single')).toBe(3);
  });

  test('never goes beyond the largest priority number', () => {
    const order = createTurnOrder();
    order.advance(2 ** 20 - 1);
    expect(take(order, 'T', 'flood', 2 ** 20 + 10).at(-1)).toBe(2 ** 21 - 1);
  });
});
