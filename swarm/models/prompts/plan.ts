import { z } from 'zod';
import { personaSchema } from '../../../domain/agent/persona.ts';
import {
  analyzeTrendInput,
  generateImageInput,
  generatePostInput,
  platformSchema,
  postContentInput,
} from '../../../domain/task/task-types.ts';
import { composeSystemPrompt } from '../../../domain/trust/instruction-hierarchy.ts';
import { wrapUntrusted } from '../../../domain/trust/untrusted-text.ts';
import { definePrompt } from '../language-model.ts';
import { listOrNone } from './render-list.ts';
import { selfAssessment } from './shared-fields.ts';

const instant = z.iso.datetime({ offset: true });

export const planReasonSchema = z.enum([
  'INITIAL',
  'TASK_FAILED',
  'RESULT_REJECTED',
  'STATE_CONFLICT',
  'CONTEXT_CHANGED',
  'BUDGET',
  'HUMAN',
]);

export const planPromptInput = z.object({
  campaign: z.object({
    name: z.string(),
    goals: z.string(),
    startsAt: instant,
    endsAt: instant.nullable(),
    priority: z.enum(['HIGH', 'MEDIUM', 'LOW']),
    /** Posts the whole campaign is to publish, the finished ones included. */
    targetPosts: z.number().int().min(0),
  }),
  agents: z.array(z.object({ agentId: z.string(), persona: personaSchema, platforms: z.array(platformSchema) })).min(1),
  budgetRemainingUsd: z.string().nullable(),
  /** Untrusted. */
  trends: z.array(
    z.object({
      trendId: z.string(),
      agentId: z.string(),
      topic: z.string(),
      summary: z.string(),
      source: z.string(),
    }),
  ),
  /** Untrusted, context only: a mention becomes a task without the plan. */
  mentions: z.array(z.object({ mentionId: z.string(), agentId: z.string(), author: z.string(), text: z.string() })),
  memories: z.array(z.string()),
  finished: z.array(z.object({ type: z.string(), status: z.string(), summary: z.string() })),
  reason: planReasonSchema,
  note: z.string().nullable(),
  maxTasks: z.number().int().min(1),
  now: instant,
});
export type PlanPromptInput = z.infer<typeof planPromptInput>;

const taskFields = {
  key: z.string().regex(/^[a-z0-9-]{1,40}$/, 'lower-case letters, digits and hyphens, at most 40'),
  agentId: z.string(),
  priority: z.number().int().min(1).max(10).describe('10 is the most urgent.'),
  dependsOn: z.array(z.string()).max(10).describe('Keys of tasks of this plan that must be complete first.'),
  scheduledFor: instant.nullable().describe('Not before this moment; null: as soon as possible.'),
};

export const plannedTaskSchema = z.discriminatedUnion('type', [
  z.object({ ...taskFields, type: z.literal('ANALYZE_TREND'), input: analyzeTrendInput }),
  z.object({ ...taskFields, type: z.literal('GENERATE_POST'), input: generatePostInput }),
  z.object({ ...taskFields, type: z.literal('GENERATE_IMAGE'), input: generateImageInput }),
  z.object({ ...taskFields, type: z.literal('POST_CONTENT'), input: postContentInput }),
]);
export type PlannedTask = z.infer<typeof plannedTaskSchema>;

export const planPromptOutput = z.object({ ...selfAssessment, tasks: z.array(plannedTaskSchema).max(200) });
export type PlanPromptOutput = z.infer<typeof planPromptOutput>;

export const planPrompt = definePrompt<PlanPromptInput, PlanPromptOutput>({
  name: 'PLAN',
  version: '1',
  tier: 'STRONG',
  input: planPromptInput,
  output: planPromptOutput,
  maxOutputTokens: 12_000,
  render: (input) => ({
    system: composeSystemPrompt({
      task: 'Decompose the campaign into tasks for its agents. Plan only what is still missing.',
      rules: [
        `At most ${input.maxTasks} tasks. The campaign wants ${input.campaign.targetPosts} published posts in all; what is finished counts.`,
        'ANALYZE_TREND may come before a GENERATE_POST that builds on it. trendIds: ids given below, of the same agent.',
        'A POST_CONTENT depends on exactly one GENERATE_POST of the same agent and platform and on at most four GENERATE_IMAGE of the same agent. INSTAGRAM wants an image.',
        "Use only an agent's own platforms. Dependencies form no cycle. Never plan replies.",
        'scheduledFor (on POST_CONTENT, ISO 8601, UTC): only where the goals name times or a rhythm, such as two posts a day; then spread publication between now and the end. Otherwise null: published as soon as approved.',
        'Vary topics; each post says something else. A small remaining budget means fewer posts and no images.',
        'The note says why there is a new plan: react to it, and do not plan again what was rejected as it was.',
      ],
      personas: input.agents.map((agent) => ({
        heading: `PERSONA of agent ${agent.agentId}, platforms ${agent.platforms.join(', ') || 'none'}`,
        persona: agent.persona,
      })),
      goals: input.campaign.goals,
    }),
    user: [
      `Now: ${input.now}\nCampaign: ${input.campaign.name}, priority ${input.campaign.priority}, from ${input.campaign.startsAt} to ${input.campaign.endsAt ?? 'open end'}`,
      `Budget remaining: ${input.budgetRemainingUsd === null ? 'no limit' : `${input.budgetRemainingUsd} USD`}`,
      `Reason for this plan: ${input.reason}`,
      // A person's note is theirs to give; any other note may quote text from outside.
      ...(input.note ? [input.reason === 'HUMAN' ? `Note: ${input.note}` : wrapUntrusted('note', input.note)] : []),
      `What the agents remember:\n${wrapUntrusted('memories', listOrNone(input.memories))}`,
      `Finished or under way:\n${wrapUntrusted('tasks', listOrNone(input.finished.map((task) => `${task.type} ${task.status}: ${task.summary}`)))}`,
      ...input.trends.map((trend) =>
        wrapUntrusted(
          `trend ${trend.trendId} of agent ${trend.agentId}`,
          `${trend.topic} (${trend.source})\n${trend.summary}`,
        ),
      ),
      ...input.mentions.map((mention) =>
        wrapUntrusted(`mention ${mention.mentionId} of agent ${mention.agentId}`, `${mention.author}: ${mention.text}`),
      ),
    ].join('\n\n'),
  }),
});
