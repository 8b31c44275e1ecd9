import { DomainError } from '../../domain/errors.ts';
import { PortInUseError } from '../../gateway/server.ts';
import { HomeInUseError } from '../../platform/embedded/home.ts';

const NETWORK: Record<string, string> = {
  ECONNREFUSED: 'nothing answers there: is it running?',
  ENOTFOUND: 'there is no such host: is the URL right?',
  ETIMEDOUT: 'no answer in time: is the address reachable from here?',
  '28P01': 'the password is wrong',
  '3D000': 'there is no such database',
};

/** What a person needs who started the platform and got an error instead: what failed, and what would be right. */
export function explainFailure(error: unknown): string {
  if (error instanceof PortInUseError || error instanceof HomeInUseError || error instanceof DomainError)
    return error.message;
  const {
    code,
    message = String(error),
    address,
    port,
  } = (error ?? {}) as { code?: string; message?: string; address?: string; port?: number };
  const [first] =
    error instanceof AggregateError ? (error.errors as { code?: string; address?: string; port?: number }[]) : [];
  const hint = NETWORK[code ?? first?.code ?? ''];
  const where = address ?? first?.address;
  if (hint)
    return `A data service cannot be reached${where ? ` at ${where}:${port ?? first?.port}` : ''}: ${hint} (check DATABASE_URL and REDIS_URL).`;
  if (/connect|timeout|Connection is closed|max retries/i.test(message))
    return `A data service cannot be reached: ${message} (check DATABASE_URL and REDIS_URL).`;
  return `Chimera could not start: ${message}`;
}
