import type pg from 'pg';
import { newId } from '../../platform/ids.ts';
import type { Columns, Ground } from './sample-rows.ts';
import { SAMPLES } from './sample-rows.ts';

export async function insertRow(client: pg.ClientBase, table: string, columns: Columns): Promise<void> {
  const names = Object.keys(columns);
  await client.query(
    `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(columns),
  );
}

/** A valid row of `table` that was not inserted, with `changes`. */
export function sampleOf(table: string, ground: Ground, changes: Columns = {}): Columns {
  const sample = SAMPLES[table];
  if (!sample) throw new Error(`tests/prisma/sample-rows.ts has no sample of the table ${table}: add one`);
  return { ...sample(ground), ...changes };
}

/** The ground of a new tenant. As superuser. */
export async function layGround(client: pg.ClientBase): Promise<Ground> {
  const ground = Object.fromEntries(
    [
      'tenantId',
      'userId',
      'agentId',
      'spareAgentId',
      'campaignId',
      'planId',
      'taskId',
      'spareTaskId',
      'otherTaskId',
      'resultId',
      'spareResultId',
    ].map((name) => [name, newId()]),
  ) as unknown as Ground;
  const put = (table: string, changes: Columns) => insertRow(client, table, sampleOf(table, ground, changes));
  await put('Tenant', { id: ground.tenantId });
  await put('User', { id: ground.userId });
  for (const id of [ground.agentId, ground.spareAgentId]) await put('Agent', { id });
  await put('Campaign', { id: ground.campaignId });
  await put('Plan', { id: ground.planId });
  for (const id of [ground.taskId, ground.spareTaskId, ground.otherTaskId]) await put('Task', { id });
  for (const id of [ground.resultId, ground.spareResultId]) await put('Result', { id });
  return ground;
}

/** Every table of the schema that holds tenants' rows, as the catalogue says. */
export async function tenantTables(client: pg.ClientBase): Promise<{ table: string; tenantColumn: string }[]> {
  const { rows } = await client.query<{ table: string; tenantColumn: string }>(
    `SELECT c.relname AS "table", a.attname AS "tenantColumn" FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND (a.attname = 'tenantId' OR (c.relname = 'Tenant' AND a.attname = 'id')) ORDER BY 1`,
  );
  return rows;
}
