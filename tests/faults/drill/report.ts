import type { Checked } from '../harness/invariants/check-invariants.ts';
import type { Run } from '../harness/run.ts';

export interface Happened {
  fault: string;
  /** Tasks that were in flight when it began. */
  touched: number;
  /** From its end until nothing that was in flight was left; null: never. */
  recoveryMs: number | null;
  failed: string | null;
}

const seconds = (ms: number | null): string => (ms === null ? 'never' : `${(ms / 1000).toFixed(1)} s`);

function percentile(sorted: readonly number[], share: number): number | null {
  return sorted.length === 0
    ? null
    : (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number);
}

/** What was done, what came of it, and what did not hold. */
export async function renderReport(
  run: Run,
  happened: readonly Happened[],
  checked: readonly Checked[],
): Promise<string> {
  const { services, roles } = run.world;
  const counts = await services.sql<{ what: string; n: number }>(
    `SELECT 'tasks ' || lower(status::text) AS what, count(*)::int AS n FROM "Task" GROUP BY status
     UNION ALL SELECT 'campaigns ' || lower(status::text), count(*)::int FROM "Campaign" GROUP BY status
     UNION ALL SELECT 'reviews ' || lower(status::text), count(*)::int FROM "Review" GROUP BY status
     UNION ALL SELECT 'effects ' || lower(status::text), count(*)::int FROM "Effect" GROUP BY status
     UNION ALL SELECT 'events', count(*)::int FROM "Event" UNION ALL SELECT 'attempts', sum(attempt)::int FROM "Task" ORDER BY 1`,
  );
  const posts = await run.world.posts();
  const names = [...new Set(happened.map(({ fault }) => fault))].sort();
  const injected = names.map((name) => {
    const times = happened.filter(({ fault }) => fault === name);
    const recovered = times.flatMap(({ recoveryMs }) => recoveryMs ?? []).sort((a, b) => a - b);
    const lost = times.filter(({ recoveryMs, touched }) => recoveryMs === null && touched > 0).length;
    return `  ${name.padEnd(42)} ${String(times.length).padStart(3)} ×   recovery p50 ${seconds(percentile(recovered, 0.5))}, worst ${seconds(lost > 0 ? null : percentile(recovered, 1))}`;
  });
  const failures = happened.flatMap(({ fault, failed }) => (failed ? [`  ${fault}: ${failed}`] : []));
  return [
    '',
    `Injected ${happened.length} faults:`,
    ...injected,
    ...(failures.length > 0 ? ['Faults that could not be injected:', ...failures] : []),
    '',
    ...counts.map(({ what, n }) => `  ${what.padEnd(24)} ${n}`),
    `  ${'posts outside'.padEnd(24)} ${posts.length}`,
    `  ${'decisions of people'.padEnd(24)} ${run.reviewer.decided()}`,
    `  ${'model calls'.padEnd(24)} ${run.world.model.calls()}`,
    ...run.watchers.map(
      (watcher) =>
        `  ${`watcher ${watcher.tenant.name}/${watcher.field}`.padEnd(24)} ${watcher.seen.length} events, ${watcher.reconnects()} reconnects`,
    ),
    ...roles.map((role) => `  ${`errors of ${role.label}`.padEnd(24)} ${role.errors().length}`),
    '',
    ...checked.flatMap(({ name, violations }) => [
      `${violations.length === 0 ? 'ok       ' : 'VIOLATED '} ${name}`,
      ...violations.map((violation) => `            ${violation}`),
    ]),
  ].join('\n');
}
