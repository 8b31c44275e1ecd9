import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ZodError } from 'zod';
import { BudgetExceededError } from '../../../domain/errors.ts';
import { McpToolError } from '../../../mcp/host/mcp-tool-error.ts';
import { mcpErrorCodeSchema } from '../../../mcp/protocol.ts';
import type { ErrorAction } from '../../../swarm/faults/error-table.ts';
import { ERROR_TABLE } from '../../../swarm/faults/error-table.ts';
import { AttemptAborted, faultOf, passesByItself } from '../../../swarm/faults/fault-of.ts';
import { LanguageModelError } from '../../../swarm/models/language-model.ts';

const tool = (code: McpToolError['code'], retryAfterMs?: number) =>
  new McpToolError({
    server: 'ideogram',
    tool: 'generate_image',
    code,
    message: 'no',
    outcome: 'UNKNOWN',
    retryAfterMs,
  });

describe('the error table', () => {
  it('is the one the documentation shows', () => {
    const rows = Object.entries<ErrorAction>(ERROR_TABLE).map(
      ([name, { code, number, action, means }]) =>
        `| \`${name}\` | ${number ?? '–'} | \`${code}\` | \`${action}\` | ${means} |`,
    );
    const shown = readFileSync('docs/errors.md', 'utf8')
      .split('\n')
      .filter((line) => /^\| `[A-Z_]+` \| (E\d|–)/.test(line));
    expect(shown).toEqual(rows);
  });

  it('says of every number of the specifications what they say', () => {
    const actions = new Map(Object.values<ErrorAction>(ERROR_TABLE).map(({ number, action }) => [number, action]));
    actions.delete(undefined);
    // The last row of a number: what is special about E1002 (an open breaker) stands there.
    expect(Object.fromEntries(actions)).toEqual({
      E1001: 'PAUSE_CAMPAIGN',
      E1002: 'LATER',
      E1003: 'PERSON',
      E1004: 'INVALIDATE',
      E1005: 'PAUSE_AGENT',
      E1006: 'PERSON',
      E2001: 'RETRY',
      E2002: 'RETRY',
    });
    expect(ERROR_TABLE.UNAVAILABLE).toMatchObject({ number: 'E1002', action: 'RETRY_THEN_PERSON' });
  });
});

describe('faultOf', () => {
  it('classifies every code of the MCP contract by its row, with what was said and asked', () => {
    for (const code of mcpErrorCodeSchema.options)
      expect(faultOf(tool(code, 7))).toEqual({
        name: code,
        code: ERROR_TABLE[code].code,
        action: ERROR_TABLE[code].action,
        message: `${code}: ideogram/generate_image: no`,
        retryAfterMs: 7,
      });
  });

  it.each([
    ['a model that is busy', new LanguageModelError('RATE_LIMITED', 'x', { retryAfterMs: 9 }), 'RATE_LIMITED', 'LATER'],
    ['a model that refuses', new LanguageModelError('REFUSED', 'x'), 'CONTENT_SAFETY', 'PERSON'],
    ['a refused key', new LanguageModelError('AUTHENTICATION', 'x'), 'UNAUTHENTICATED', 'PAUSE_AGENT'],
    ['an attempt that took too long', new AttemptAborted('WORKER_TIMEOUT', 'x'), 'WORKER_TIMEOUT', 'RETRY'],
    ['a stop of the swarm, which fails no task', new AttemptAborted('STOPPING', 'x'), 'WORKER_TIMEOUT', 'LATER'],
    ['a schema that does not fit', new ZodError([]), 'VALIDATION', 'PLANNER'],
    ['a lost database', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'DATABASE_UNAVAILABLE', 'RETRY'],
    ['a database that shuts down', Object.assign(new Error('x'), { code: '57P01' }), 'DATABASE_UNAVAILABLE', 'RETRY'],
    ['a fault of ours', new TypeError('x is not a function'), 'INTERNAL', 'RETRY'],
    ['what says it cannot be repeated', Object.assign(new Error('x'), { retryable: false }), 'VALIDATION', 'PLANNER'],
    ['what says it can', Object.assign(new Error('x'), { retryable: true }), 'MCP_UNAVAILABLE', 'RETRY_THEN_PERSON'],
    [
      'a budget',
      new BudgetExceededError(
        { id: 'a', day: '2026-11-20', label: 'the budget' },
        { limitMicroUsd: 1, spentMicroUsd: 1, requestedMicroUsd: 1 },
      ),
      'BUDGET_EXCEEDED',
      'PAUSE_CAMPAIGN',
    ],
    ['something else', 'a string', 'INTERNAL', 'RETRY'],
  ])('%s', (_what, error, code, action) => {
    expect(faultOf(error)).toMatchObject({ code, action });
  });

  it('says what can be stored, whatever the outside said', () => {
    const odd = 'no\0 \ud83d🙂';
    const said = new McpToolError({
      server: 's',
      tool: 't',
      code: 'UNAVAILABLE',
      message: odd,
      outcome: 'NOT_APPLIED',
    });
    expect(said.message).toBe('s/t: no 🙂');
    expect(new LanguageModelError('REFUSED', odd).message).toBe('no 🙂');
    expect(faultOf(new Error(odd)).message).toBe('no 🙂');
  });

  it('tells the Judge what passes by itself from what a person has to see', () => {
    const passes = (kind: LanguageModelError['kind']) => passesByItself(faultOf(new LanguageModelError(kind, 'x')));
    expect((['RATE_LIMITED', 'OVERLOADED', 'TIMEOUT', 'NETWORK', 'ABORTED'] as const).map(passes)).toEqual(
      Array(5).fill(true),
    );
    expect(
      (['REFUSED', 'MALFORMED_OUTPUT', 'TRUNCATED', 'AUTHENTICATION', 'INVALID_REQUEST'] as const).map(passes),
    ).toEqual(Array(5).fill(false));
  });
});
