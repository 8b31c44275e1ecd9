import { microUsdToDecimal } from '../domain/money/money.ts';
import { builder } from './builder.ts';
import { Verdict } from './enums.ts';
import { Check, Confidence, checksOf, confidenceOf, ToolCall, toolCallsOf } from './judgement.ts';
import { ResultNode } from './nodes.ts';

builder.prismaObjectFields(ResultNode, (t) => ({
  attempt: t.exposeInt('attempt', { description: 'From 1.' }),
  output: t.field({
    type: 'JSON',
    nullable: true,
    description: 'As the task type defines it; null when the attempt failed.',
    resolve: (result) => result.output,
  }),
  confidence: t.field({
    type: Confidence,
    nullable: true,
    description: 'Null before judgement.',
    resolve: confidenceOf,
  }),
  verdict: t.expose('verdict', { type: Verdict, nullable: true }),
  checks: t.field({ type: [Check], resolve: (result) => checksOf(result.checks) }),
  reasoning: t.exposeString('reasoning', { nullable: true }),
  toolCalls: t.field({ type: [ToolCall], resolve: (result) => toolCallsOf(result.toolCalls) }),
  model: t.exposeString('model', { nullable: true }),
  tokens: t.exposeInt('tokens', { nullable: true, description: 'Input and output together.' }),
  costUsd: t.field({ type: 'Decimal', resolve: (result) => microUsdToDecimal(result.costMicroUsd) }),
  executionMs: t.exposeInt('executionMs'),
  workerId: t.exposeString('workerId'),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
}));
