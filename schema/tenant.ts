import { builder } from './builder.ts';
import { TenantNode } from './nodes.ts';

interface Thresholds {
  approve: number;
  escalate: number;
}

const ConfidenceThresholds = builder.objectRef<Thresholds>('ConfidenceThresholds').implement({
  fields: (t) => ({
    approve: t.exposeFloat('approve', { description: '0..1: at or above it, and without a flag, the Judge approves.' }),
    escalate: t.exposeFloat('escalate', {
      description: '0..1: at or above it a person decides; below it the Judge rejects.',
    }),
  }),
});

builder.prismaObjectFields(TenantNode, (t) => ({
  name: t.exposeString('name'),
  subscriptionTier: t.exposeString('subscriptionTier'),
  thresholds: t.field({
    type: ConfidenceThresholds,
    resolve: (tenant) => ({ approve: tenant.approveThreshold, escalate: tenant.escalateThreshold }),
  }),
}));
