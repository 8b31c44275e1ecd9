import type { World } from '../world.ts';
import type { Violations } from './violations.ts';
import { say } from './violations.ts';

/** Revisions, dependencies, attempts, and the progress and spending that the API shows are what the rows say. */
export async function countersAreTrue({ services, tenants }: World): Promise<Violations> {
  const revisions = await services.sql(
    `SELECT c.id, c."planRevision", count(p.id)::int AS plans, max(p.revision) AS newest FROM "Campaign" c LEFT JOIN "Plan" p ON p."campaignId" = c.id
     GROUP BY c.id HAVING c."planRevision" <> count(p.id) OR c."planRevision" <> coalesce(max(p.revision), 0)`,
  );
  const dependencies = await services.sql(
    `SELECT t.id, t.status, t."openDependencies", count(p.id)::int AS truth FROM "Task" t LEFT JOIN "TaskDependency" d ON d."taskId" = t.id LEFT JOIN "Task" p ON p.id = d."dependsOnId" AND p.status <> 'COMPLETE'
     WHERE t.status NOT IN ('CANCELLED') GROUP BY t.id HAVING t."openDependencies" <> count(p.id)`,
  );
  const attempts = await services.sql(
    `SELECT t.id, t.attempt, count(r.id)::int AS results FROM "Task" t LEFT JOIN "Result" r ON r."taskId" = t.id GROUP BY t.id HAVING max(r.attempt) > t.attempt OR count(r.id) > t.attempt`,
  );
  const wrong: unknown[] = [];
  for (const tenant of tenants) {
    const truth = await services.sql<{
      id: string;
      total: number;
      complete: number;
      failed: number;
      escalated: number;
      inFlight: number;
      spent: number;
    }>(
      `SELECT c.id, count(t.id) FILTER (WHERE t.status <> 'CANCELLED')::int AS total, count(t.id) FILTER (WHERE t.status = 'COMPLETE')::int AS complete, count(t.id) FILTER (WHERE t.status IN ('FAILED', 'REJECTED'))::int AS failed,
         count(t.id) FILTER (WHERE t.status = 'ESCALATED')::int AS escalated, count(t.id) FILTER (WHERE t.status IN ('QUEUED', 'IN_PROGRESS', 'IN_REVIEW', 'APPLYING'))::int AS "inFlight",
         (SELECT coalesce(sum("actualMicroUsd"), 0)::int FROM "SpendEntry" s WHERE s."campaignId" = c.id AND s.status = 'SETTLED') AS spent
       FROM "Campaign" c LEFT JOIN "Task" t ON t."campaignId" = c.id WHERE c."tenantId" = $1 GROUP BY c.id`,
      [tenant.id],
    );
    for (const { id, spent, ...counts } of truth) {
      const { node } = await tenant.insist(
        'query ($id: ID!) { node(id: $id) { ... on Campaign { spentUsd progress { total complete failed escalated inFlight } } } }',
        { id: Buffer.from(`Campaign:${id}`).toString('base64') },
      );
      const differs = Object.entries(counts).filter(([name, value]) => node.progress[name] !== value);
      if (differs.length > 0 || Math.round(Number(node.spentUsd) * 1e6) !== spent)
        wrong.push({ id, truth: { ...counts, spent }, shown: node });
    }
  }
  return [
    ...say(revisions, 'plan revisions that are not counted'),
    ...say(dependencies, 'open dependencies counted wrongly'),
    ...say(attempts, 'more results than attempts'),
    ...say(wrong, 'progress that is not the truth'),
  ];
}
