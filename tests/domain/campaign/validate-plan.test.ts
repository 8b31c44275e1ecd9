import { describe, expect, test } from 'vitest';
import type { PlanRules } from '../../../domain/campaign/validate-plan.ts';
import { validatePlan } from '../../../domain/campaign/validate-plan.ts';

const AGENT = 'agent-1';
const RULES: PlanRules = {
  agentIds: [AGENT, 'agent-2'],
  maxTasks: 10,
  maxPublications: 10,
  endsAt: new Date('2030-02-01T00:00:00Z'),
  remainingMicroUsd: 1_000,
  estimateMicroUsd: () => 100,
};
const draft = (key: string, more: object = {}) => ({
  key,
  agentId: AGENT,
  type: 'GENERATE_POST',
  input: { platform: 'TWITTER', topic: 'fog' },
  ...more,
});
const post = (key: string, dependsOn: string[], more: object = {}) => ({
  key,
  agentId: AGENT,
  type: 'POST_CONTENT',
  input: { platform: 'TWITTER' },
  dependsOn,
  ...more,
});
const image = (key: string) => ({ key, agentId: AGENT, type: 'GENERATE_IMAGE', input: { prompt: 'fog' } });
const trend = (key: string, more: object = {}) => ({
  key,
  agentId: AGENT,
  type: 'ANALYZE_TREND',
  input: { topic: 'fog' },
  ...more,
});

describe('validatePlan', () => {
  test('accepts a valid plan, filling in what has defaults and dropping doubled dependencies', () => {
    const { tasks } = validatePlan(
      [
        trend('t'),
        draft('d', { dependsOn: ['t', 't'] }),
        image('i'),
        post('p', ['d', 'i'], { scheduledFor: '2030-01-31T10:00:00+03:00' }),
      ],
      RULES,
    );
    expect(tasks).toMatchObject([
      { key: 't', priority: 5, dependsOn: [], scheduledFor: null, input: { topic: 'fog', trendIds: [] } },
      { key: 'd', dependsOn: ['t'] },
      { key: 'i', input: { style: 'realistic', aspectRatio: '4:5' } },
      { key: 'p', dependsOn: ['d', 'i'] },
    ]);
  });

  test.each<[string, unknown, RegExp]>([
    ['nothing', [], /at least one task/],
    ['no list', { tasks: [] }, /expected array/],
    ['a task without a key', [{ ...draft('d'), key: '' }], /tasks\.0\.key/],
    ['more tasks than allowed', Array.from({ length: 11 }, (_, index) => draft(`d${index}`)), /at most 10 tasks/],
    ['an unknown type', [draft('d', { type: 'DANCE' })], /tasks\.0\.type/],
    ['an unsupported type', [draft('d', { type: 'GENERATE_VIDEO' })], /GENERATE_VIDEO is not supported yet/],
    ['a payment', [draft('d', { type: 'EXECUTE_TRANSACTION' })], /EXECUTE_TRANSACTION is not supported yet/],
    [
      'a planned reply',
      [draft('d', { type: 'REPLY_COMMENT', input: { mentionId: 'm', platform: 'TWITTER' } })],
      /replies are made from mentions/,
    ],
    ['input of another shape', [draft('d', { input: { platform: 'TWITTER' } })], /task d: input\.topic/],
    [
      'input with an unknown field',
      [draft('d', { input: { platform: 'TWITTER', topic: 'fog', evil: 1 } })],
      /task d: input/,
    ],
    ['a priority out of range', [draft('d', { priority: 11 })], /tasks\.0\.priority/],
    ['an agent of another campaign', [draft('d', { agentId: 'agent-9' })], /agent-9 is not an agent of this campaign/],
    ['a dependency that is not there', [draft('d', { dependsOn: ['x'] })], /depends on x, which is not in the plan/],
    ['two tasks of one key', [draft('d'), draft('d')], /same key/],
    ['a task that waits for itself', [draft('d', { dependsOn: ['d'] })], /d → d depend on each other in a circle/],
    [
      'a longer circle',
      [trend('a', { dependsOn: ['c'] }), trend('b', { dependsOn: ['a'] }), trend('c', { dependsOn: ['b'] })],
      /circle/,
    ],
    [
      'a date after the end',
      [draft('d', { scheduledFor: '2030-02-01T00:00:01Z' })],
      /scheduled after the campaign ends/,
    ],
    ['a date without its offset', [draft('d', { scheduledFor: '2030-01-01T00:00:00' })], /tasks\.0\.scheduledFor/],
    ['a publication of nothing', [post('p', [])], /exactly one GENERATE_POST/],
    ['a publication of two drafts', [draft('a'), draft('b'), post('p', ['a', 'b'])], /exactly one GENERATE_POST/],
    [
      'five images',
      [draft('d'), ...['1', '2', '3', '4', '5'].map(image), post('p', ['d', '1', '2', '3', '4', '5'])],
      /at most four images/,
    ],
    [
      'another agent’s draft',
      [draft('d', { agentId: 'agent-2' }), post('p', ['d'])],
      /GENERATE_POST is of another agent/,
    ],
    [
      'a draft for another platform',
      [draft('d', { input: { platform: 'THREADS', topic: 'fog' } }), post('p', ['d'])],
      /is for THREADS, not TWITTER/,
    ],
    [
      'a platform nobody publishes on',
      [
        draft('d', { input: { platform: 'TIKTOK', topic: 'fog' } }),
        post('p', ['d'], { input: { platform: 'TIKTOK' } }),
      ],
      /no MCP server publishes on TIKTOK/,
    ],
  ])('refuses %s, saying so', (_what, plan, problem) => {
    const { tasks, problems } = validatePlan(plan, RULES);
    expect(tasks).toBeNull();
    expect(problems.join('\n')).toMatch(problem);
  });

  test('refuses what the budget does not cover, to the last micro-USD', () => {
    const plan = [draft('a'), draft('b')];
    expect(validatePlan(plan, { ...RULES, remainingMicroUsd: 200 }).problems).toEqual([]);
    expect(validatePlan(plan, { ...RULES, remainingMicroUsd: 199 }).problems.join()).toMatch(/left of the budget/);
    expect(validatePlan(plan, { ...RULES, remainingMicroUsd: null }).problems).toEqual([]);
  });

  test('says everything that is wrong at once', () => {
    const { problems } = validatePlan([draft('a', { agentId: 'x', dependsOn: ['y'] }), post('p', [])], RULES);
    expect(problems).toHaveLength(3);
  });

  test('a circle is found whatever the order, and a deep chain is none', () => {
    const chain = Array.from({ length: 10 }, (_, index) =>
      trend(`t${index}`, { dependsOn: index > 0 ? [`t${index - 1}`] : [] }),
    );
    expect(validatePlan([...chain].reverse(), RULES).problems).toEqual([]);
    const closed = chain.map((task, index) => (index === 0 ? { ...task, dependsOn: ['t9'] } : task));
    expect(validatePlan([...closed].reverse(), RULES).problems.join()).toMatch(/circle/);
  });
});
