import pg from 'pg';

const TOP = 25;
const LENGTH = 110;

/** PostgreSQL's costliest statements since the start of its server, those inside functions and triggers included, and what was read by sequential scans. */
export async function renderStatements(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    const { rows } = await client.query<{ calls: number; total: number; mean: number; rows: number; query: string }>(
      `SELECT calls::int, total_exec_time + total_plan_time AS total, mean_exec_time AS mean, rows::int, regexp_replace(query, '\\s+', ' ', 'g') AS query
       FROM pg_stat_statements ORDER BY total_exec_time + total_plan_time DESC LIMIT $1`,
      [TOP],
    );
    const { rows: scans } = await client.query<{ table: string; scans: number; tuples: number }>(
      `SELECT relname AS "table", seq_scan::int AS scans, seq_tup_read::float8 AS tuples FROM pg_stat_user_tables WHERE seq_tup_read > 0 ORDER BY seq_tup_read DESC LIMIT 12`,
    );
    const line = (total: string, calls: string, mean: string, count: string, query: string): string =>
      `${total.padStart(9)} ${calls.padStart(7)} ${mean.padStart(8)} ${count.padStart(8)}  ${query}`;
    return [
      line('total ms', 'calls', 'mean ms', 'rows', 'statement'),
      ...rows.map((row) =>
        line(
          row.total.toFixed(0),
          String(row.calls),
          row.mean.toFixed(2),
          String(row.rows),
          row.query.slice(0, LENGTH),
        ),
      ),
      '\nsequential scans',
      ...scans.map(
        (row) => `${String(row.tuples).padStart(12)} rows ${String(row.scans).padStart(7)} scans  ${row.table}`,
      ),
    ].join('\n');
  } finally {
    await client.end();
  }
}
