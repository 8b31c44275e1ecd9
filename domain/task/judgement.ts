import type { EffectCall } from '../effect/effect-call.ts';
import type { Settlement } from '../money/reserve.ts';
import type { TaskType } from './task-types.ts';

export interface ConfidenceParts {
  score: number;
  raw: number;
  modelProbability: number;
  personaSimilarity: number;
  contentSafety: number;
  historicalSuccess: number;
}

/** What the Judge decided of one result. */
export interface Judgement {
  taskId: string;
  resultId: string;
  agentId: string;
  campaignId: string | null;
  type: TaskType;
  attempt: number;
  maxAttempts: number;
  stateVersion: number;
  traceId: string;
  output: unknown;
  mediaUrls: string[];
  effect: EffectCall | null;
  verdict: 'APPROVED' | 'ESCALATED' | 'REJECTED';
  risk: 'LOW' | 'MEDIUM' | 'HIGH';
  reasons: string[];
  confidence: ConfidenceParts;
  checks: unknown[];
  assessment: unknown;
  /** A person approved exactly this content before: an approval stands in that person's name. */
  approvedByUserId: string | null;
  settlements: Settlement[];
}
