// `npm run migrate:dev -- --name add_something`: writes the migration that takes the committed ones to the current
// schema.prisma. It works on a PostgreSQL of its own that is thrown away, so nobody's data is touched.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureRoles } from '../platform/database.ts';
import { startEmbeddedPostgres } from '../platform/embedded/postgres.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'chimera-migrate-'));
chmodSync(dir, 0o755); // as root, PostgreSQL runs as somebody else and has to pass through
const postgres = await startEmbeddedPostgres({ dir: path.join(dir, 'postgres'), password: 'migrate' });
await ensureRoles(postgres.url);

const prisma = path.join('node_modules', '.bin', 'prisma');
const env = { ...process.env, DATABASE_URL: postgres.url };
const { status } = spawnSync(prisma, ['migrate', 'dev', ...process.argv.slice(2)], { env, stdio: 'inherit' });

await postgres.stop();
rmSync(dir, { recursive: true, force: true });
process.exitCode = status ?? 1;
