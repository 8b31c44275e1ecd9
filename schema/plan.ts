import { microUsdToDecimal } from '../domain/money/money.ts';
import { builder } from './builder.ts';
import { PlanReason } from './enums.ts';
import { PlanNode } from './nodes.ts';

builder.prismaObjectFields(PlanNode, (t) => ({
  revision: t.exposeInt('revision', { description: 'From 1; finished work is kept from revision to revision.' }),
  reason: t.expose('reason', { type: PlanReason }),
  note: t.exposeString('note', { nullable: true }),
  model: t.exposeString('model', { description: 'The language model that planned.' }),
  costUsd: t.field({ type: 'Decimal', resolve: (plan) => microUsdToDecimal(plan.costMicroUsd) }),
  tasks: t.relation('tasks', {
    description: 'The tasks this revision added, oldest first. Their `dependsOn` make the graph.',
    query: { orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] },
  }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
}));
