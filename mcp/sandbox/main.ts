import { z } from 'zod';
import { startSandbox } from './sandbox.ts';

const environment = z
  .object({
    SANDBOX_HOST: z.string().default('127.0.0.1'),
    SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(4100),
    SANDBOX_DATA_DIR: z.string().default('.chimera/sandbox'),
    SANDBOX_SEED: z.coerce.number().int().default(1),
  })
  .parse(process.env);

const sandbox = await startSandbox({
  host: environment.SANDBOX_HOST,
  port: environment.SANDBOX_PORT,
  dataDir: environment.SANDBOX_DATA_DIR,
  seed: environment.SANDBOX_SEED,
});
process.stdout.write(`${sandbox.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void sandbox.close().then(() => process.exit(0)));
}
