import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startSandbox } from '../../../mcp/sandbox/sandbox.ts';
import { findFreePort } from '../../../platform/embedded/free-port.ts';
import type { RoleName } from './kill-points.ts';
import { ROLES } from './kill-points.ts';
import type { ModelStub } from './model-stub.ts';
import { startModelStub } from './model-stub.ts';
import type { Role } from './role.ts';
import { createRole } from './role.ts';
import type { DrillServices } from './services.ts';
import { startDrillServices } from './services.ts';
import type { Tenant } from './tenant.ts';
import { createTenant, JWT_SECRET } from './tenant.ts';

export interface WorldOptions {
  /** Further processes of a role, besides one of each. */
  more?: RoleName[];
  leaseSeconds?: number;
  reconcileSeconds?: number;
}

export interface SandboxPost {
  externalId: string;
  text: string;
  idempotencyKey: string | null;
  account: string;
  mediaUrls: string[];
  /** When the platform took it. */
  at: string;
}

/** The whole product in processes of its own, with services, an outside and a model that can be made to fail. */
export interface World {
  services: DrillServices;
  model: ModelStub;
  roles: Role[];
  role(name: RoleName): Role;
  tenants: Tenant[];
  gatewayUrl: string;
  /** What the outside holds. */
  posts(): Promise<SandboxPost[]>;
  /** A fault of the outside; null takes all of them back. */
  outside(fault: Record<string, unknown> | null): Promise<void>;
  logDirectory: string;
  close(): Promise<void>;
}

/** Starts everything: about five seconds. Nothing is left behind after `close`, or when this process dies. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'chimera-drill-'));
  chmodSync(directory, 0o755); // as root, PostgreSQL runs as somebody else and has to pass through
  const home = path.join(directory, 'home');
  const logDirectory = path.join(directory, 'logs');
  for (const dir of [home, logDirectory]) mkdirSync(dir);
  const [services, model, sandbox, gatewayPort] = await Promise.all([
    startDrillServices(directory),
    startModelStub(),
    startSandbox({ host: '127.0.0.1', port: 0, dataDir: path.join(directory, 'sandbox'), seed: 1 }),
    findFreePort(),
  ]);
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
  const local = (url: string, port: number) => {
    const changed = new URL(url);
    changed.port = String(port);
    return changed.href;
  };
  const environment = (ports: Record<'postgres' | 'redis' | 'model' | 'sandbox', number>) => ({
    CHIMERA_HOME: home,
    DATABASE_URL: local(services.postgresUrl, ports.postgres),
    REDIS_URL: `redis://127.0.0.1:${ports.redis}`,
    ANTHROPIC_API_KEY: 'drill-drill',
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${ports.model}`,
    SANDBOX_URL: `http://127.0.0.1:${ports.sandbox}`,
    PORT: String(gatewayPort),
    PUBLIC_URL: gatewayUrl,
    JWT_SECRET,
    LEASE_SECONDS: String(options.leaseSeconds ?? 2),
    RECONCILE_SECONDS: String(options.reconcileSeconds ?? 1),
    MENTIONS_POLL_SECONDS: '86400',
    TRENDS_POLL_SECONDS: '86400',
  });
  const ports = {
    postgres: services.postgresPort,
    redis: services.redisPort,
    model: model.port,
    sandbox: Number(new URL(sandbox.url).port),
  };
  const roles: Role[] = [];
  for (const role of [...ROLES, ...(options.more ?? [])]) {
    const label = `${role}-${roles.filter((other) => other.role === role).length + 1}`;
    roles.push(await createRole({ role, label, services: ports, environment, logDirectory }));
  }
  const close = async () => {
    await Promise.all(roles.map((role) => role.close()));
    await Promise.all([services.close(), model.close(), sandbox.close()]);
    if (!process.env.DRILL_KEEP) rmSync(directory, { recursive: true, force: true });
  };
  try {
    await Promise.all(roles.map((role) => role.start()));
    const tenants = await Promise.all(['north', 'south'].map((name) => createTenant(services, gatewayUrl, name)));
    return {
      services,
      model,
      roles,
      role(name) {
        const found = roles.find(({ role }) => role === name);
        if (!found) throw new Error(`there is no ${name}`);
        return found;
      },
      tenants,
      gatewayUrl,
      posts: async () => (await (await fetch(`${sandbox.url}/posts`)).json()) as SandboxPost[],
      async outside(fault) {
        await fetch(`${sandbox.url}/control/faults`, {
          method: fault ? 'POST' : 'DELETE',
          headers: { 'content-type': 'application/json' },
          ...(fault ? { body: JSON.stringify(fault) } : {}),
        });
      },
      logDirectory,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
