import { z } from 'zod';
import { isPublishable } from '../effect/effect-call.ts';
import type { Platform, TaskType } from '../task/task-types.ts';
import { TASK_TYPES, taskTypeSchema } from '../task/task-types.ts';

/** A task as a plan proposes it: keys name tasks within the plan. */
export const plannedTaskSchema = z.object({
  key: z.string().min(1).max(60),
  agentId: z.string(),
  type: taskTypeSchema,
  input: z.unknown(),
  dependsOn: z.array(z.string()).max(50).default([]),
  priority: z.int().min(1).max(10).default(5),
  scheduledFor: z.iso.datetime({ offset: true }).nullable().default(null),
});
export type PlannedTask = z.infer<typeof plannedTaskSchema>;

export interface PlanRules {
  agentIds: readonly string[];
  maxTasks: number;
  /** What the goals still ask for. */
  maxPublications: number;
  endsAt: Date | null;
  /** What is left of the campaign's budget, micro-USD; null where none is set. */
  remainingMicroUsd: number | null;
  estimateMicroUsd(type: TaskType): number;
}

export type PlanValidation = { tasks: PlannedTask[]; problems: [] } | { tasks: null; problems: string[] };

/**
 * Validates a proposed plan before anything is queued: shape, known and supported types, input against the type's schema,
 * known agents, dependencies that exist, no cycle, what a publication needs, times, number and budget.
 * Says everything that is wrong, in words that a model or a person can act on.
 */
export function validatePlan(proposal: unknown, rules: PlanRules): PlanValidation {
  const parsed = z
    .array(plannedTaskSchema)
    .min(1, 'a plan needs at least one task')
    .max(rules.maxTasks, `a plan may have at most ${rules.maxTasks} tasks`)
    .safeParse(proposal);
  if (!parsed.success)
    return {
      tasks: null,
      problems: parsed.error.issues.map((issue) => `tasks.${issue.path.join('.')}: ${issue.message}`),
    };
  const byKey = new Map(parsed.data.map((task) => [task.key, task]));
  const problems: string[] = [];
  if (byKey.size < parsed.data.length) problems.push('two tasks have the same key');
  const tasks = parsed.data.map((task) => {
    const { task: checked, problems: own } = validateTask(task, byKey, rules);
    problems.push(...own.map((problem) => `task ${task.key}: ${problem}`));
    return checked;
  });
  const cycle = findCycle(byKey);
  if (cycle) problems.push(`the tasks ${cycle.join(' → ')} depend on each other in a circle`);
  const publications = tasks.filter((task) => task.type === 'POST_CONTENT').length;
  if (publications > rules.maxPublications)
    problems.push(`the plan has ${publications} publications, but the goals ask for ${rules.maxPublications} more`);
  const cost = tasks.reduce((sum, task) => sum + rules.estimateMicroUsd(task.type), 0);
  if (rules.remainingMicroUsd !== null && cost > rules.remainingMicroUsd) {
    problems.push(
      `the plan may cost ${cost / 1e6} USD, but ${rules.remainingMicroUsd / 1e6} USD are left of the budget: plan fewer tasks`,
    );
  }
  return problems.length > 0 ? { tasks: null, problems } : { tasks, problems: [] };
}

function validateTask(
  task: PlannedTask,
  byKey: ReadonlyMap<string, PlannedTask>,
  rules: PlanRules,
): { task: PlannedTask; problems: string[] } {
  const problems: string[] = [];
  const definition = TASK_TYPES[task.type];
  if (!definition.supported) problems.push(`${task.type} is not supported yet`);
  if (!rules.agentIds.includes(task.agentId)) problems.push(`${task.agentId} is not an agent of this campaign`);
  const input = definition.input.safeParse(task.input);
  if (!input.success)
    problems.push(...input.error.issues.map((issue) => `input.${issue.path.join('.')}: ${issue.message}`));
  for (const key of task.dependsOn) if (!byKey.has(key)) problems.push(`depends on ${key}, which is not in the plan`);
  if (task.scheduledFor && rules.endsAt && new Date(task.scheduledFor) > rules.endsAt)
    problems.push('is scheduled after the campaign ends');
  if (task.type === 'REPLY_COMMENT') problems.push('replies are made from mentions, not planned');
  if (task.type === 'POST_CONTENT' && input.success)
    problems.push(...validatePublication(task, input.data as { platform: Platform }, byKey));
  return {
    task: input.success ? { ...task, input: input.data, dependsOn: [...new Set(task.dependsOn)] } : task,
    problems,
  };
}

function validatePublication(
  task: PlannedTask,
  input: { platform: Platform },
  byKey: ReadonlyMap<string, PlannedTask>,
): string[] {
  const needs = task.dependsOn.flatMap((key) => byKey.get(key) ?? []);
  const drafts = needs.filter((need) => need.type === 'GENERATE_POST');
  const problems: string[] = [];
  if (!isPublishable(input.platform)) problems.push(`no MCP server publishes on ${input.platform}; publish on TWITTER`);
  if (drafts.length !== 1) problems.push('a POST_CONTENT depends on exactly one GENERATE_POST');
  if (needs.filter((need) => need.type === 'GENERATE_IMAGE').length > 4)
    problems.push('a POST_CONTENT takes at most four images');
  if (drafts[0] && drafts[0].agentId !== task.agentId) problems.push('its GENERATE_POST is of another agent');
  const draftPlatform = (drafts[0]?.input as { platform?: string } | undefined)?.platform;
  if (draftPlatform && draftPlatform !== input.platform)
    problems.push(`its GENERATE_POST is for ${draftPlatform}, not ${input.platform}`);
  return problems;
}

/** The keys of one cycle, or null: depth-first search with three colours. */
function findCycle(byKey: ReadonlyMap<string, PlannedTask>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (key: string): string[] | null => {
    const at = path.indexOf(key);
    if (at >= 0) return [...path.slice(at), key];
    if (done.has(key)) return null;
    path.push(key);
    for (const next of byKey.get(key)?.dependsOn ?? []) {
      const cycle = byKey.has(next) ? visit(next) : null;
      if (cycle) return cycle;
    }
    path.pop();
    done.add(key);
    return null;
  };
  for (const key of byKey.keys()) {
    const cycle = visit(key);
    if (cycle) return cycle;
  }
  return null;
}
