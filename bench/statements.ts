import pg from 'pg';

const TOP = 25;
const LENGTH = 110;

/** PostgreSQL's costliest statements since the start of its server, statements inside functions and triggers included. */
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
    ].join('\n');
  } finally {
    await client.end();
  }
}
