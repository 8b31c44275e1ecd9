import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { createRemoteJWKSet, errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Role } from '../domain/access.ts';
import { isAllowed, PERMISSIONS, PERMISSIONS_BY_ROLE } from '../domain/access.ts';
import type { Database } from '../platform/database.ts';
import { UnauthenticatedError } from './unauthenticated.ts';

const CLOCK_TOLERANCE_SECONDS = 5;
const ROLE_CACHE_MS = 5_000;
const MAX_CACHED_USERS = 10_000;
const JWKS_TIMEOUT_MS = 5_000;

export interface JwtSettings {
  /** HS256 secret, at least 32 characters; or null. */
  secret: string | null;
  /** Where RS256/ES256 keys are published; or null. */
  jwksUrl: string | null;
  issuer: string;
  audience: string;
}

/** Who makes a request. */
export interface Principal {
  userId: string;
  tenantId: string;
  permissions: ReadonlySet<string>;
  /** When the token ends; a socket does not outlive it. */
  expiresAt: Date;
}

/** What a token says; its user's role is asked for anew. */
export type Claims = z.infer<typeof claimsSchema>;
const claimsSchema = z.object({
  sub: z.uuid('sub is not a user id'),
  tenant: z.uuid('tenant is not a tenant id'),
  exp: z.number('exp is missing'),
  permissions: z.array(z.string()).optional(),
});

export interface Authenticator {
  /** Verifies a token ("Bearer …" or bare). Throws UnauthenticatedError. */
  verify(token: string | null | undefined): Promise<Claims>;
  /** The claims' user with the permissions of the moment (at most 5 s old). Throws UnauthenticatedError when there is no such user (any more). */
  principal(claims: Claims): Promise<Principal>;
}

export function createAuthenticator(settings: JwtSettings, database: Database): Authenticator {
  const { secret, jwksUrl, issuer, audience } = settings;
  const options = { issuer, audience, clockTolerance: CLOCK_TOLERANCE_SECONDS };
  const keys = jwksUrl ? createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: JWKS_TIMEOUT_MS }) : null;
  const secretKey = secret ? new TextEncoder().encode(secret) : null;
  const roles = createRoleCache(database);

  /** The algorithm is bound to the kind of key: a public key is never taken for a secret. */
  const keyFor: JWTVerifyGetKey = async (header, token) => {
    if (header.alg === 'HS256' && secretKey) return secretKey;
    if ((header.alg === 'RS256' || header.alg === 'ES256') && keys) return keys(header, token);
    throw new UnauthenticatedError(`The token's algorithm ${header.alg} is not accepted here.`);
  };

  return {
    async verify(token) {
      const bare = token?.replace(/^Bearer(\s+|$)/i, '').trim();
      if (!bare) throw new UnauthenticatedError('A bearer token is needed.');
      let payload: JWTPayload;
      try {
        payload = (await jwtVerify(bare, keyFor, options)).payload;
      } catch (error) {
        throw explain(error);
      }
      const claims = claimsSchema.safeParse(payload);
      if (!claims.success)
        throw new UnauthenticatedError(
          `The token's claims are not usable: ${claims.error.issues.map((issue) => issue.message).join('; ')}.`,
        );
      return claims.data;
    },
    async principal(claims) {
      const role = await roles.get(claims.tenant, claims.sub);
      if (!role) throw new UnauthenticatedError('The user of this token does not exist.');
      const ofRole = new Set<string>(PERMISSIONS_BY_ROLE[role]);
      const permissions = claims.permissions
        ? PERMISSIONS.filter((permission) => claims.permissions?.includes(permission) && isAllowed(ofRole, permission))
        : ofRole;
      return {
        userId: claims.sub,
        tenantId: claims.tenant,
        permissions: new Set(permissions),
        expiresAt: new Date(claims.exp * 1000),
      };
    },
  };
}

function explain(error: unknown): Error {
  if (error instanceof UnauthenticatedError) return error;
  if (error instanceof errors.JWTExpired) return new UnauthenticatedError('The token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed)
    return new UnauthenticatedError(`The token's ${error.claim} is not the one expected here.`);
  if (error instanceof errors.JWKSTimeout)
    return new UnauthenticatedError('The keys to verify the token with could not be read. Try again.');
  if (error instanceof errors.JOSEError)
    return new UnauthenticatedError('The token is malformed or its signature is wrong.');
  if (error instanceof TypeError && error.message.includes('fetch failed'))
    return new UnauthenticatedError('The keys to verify the token with could not be read. Try again.');
  return error instanceof Error ? error : new Error(String(error));
}

/** Roles by user, at most 5 s old, so that a changed or removed role takes effect at once and most requests cost no statement. */
function createRoleCache(database: Database) {
  const cached = new Map<string, { role: Promise<Role | null>; until: number }>();
  const read = async (tenantId: string, userId: string): Promise<Role | null> => {
    const [row] = await database
      .tenant(tenantId)
      .query<{ role: Role }>('SELECT role FROM "User" WHERE id = $1', [userId]);
    return row?.role ?? null;
  };
  return {
    get(tenantId: string, userId: string): Promise<Role | null> {
      const key = `${tenantId} ${userId}`;
      const known = cached.get(key);
      if (known && known.until > performance.now()) return known.role;
      const role = read(tenantId, userId);
      cached.set(key, { role, until: performance.now() + ROLE_CACHE_MS });
      role.catch(() => cached.delete(key));
      if (cached.size > MAX_CACHED_USERS) cached.delete(cached.keys().next().value ?? key);
      return role;
    },
  };
}

/** Signs an HS256 token; `expiresIn` as jose reads it ("12h") or seconds. */
export function issueToken(options: {
  secret: string;
  issuer: string;
  audience: string;
  userId: string;
  tenantId: string;
  expiresIn: string | number;
  permissions?: readonly string[];
}): Promise<string> {
  const { permissions } = options;
  return new SignJWT({ tenant: options.tenantId, ...(permissions ? { permissions: [...permissions] } : {}) })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(options.userId)
    .setIssuer(options.issuer)
    .setAudience(options.audience)
    .setIssuedAt()
    .setExpirationTime(
      typeof options.expiresIn === 'number' ? Math.floor(Date.now() / 1000) + options.expiresIn : options.expiresIn,
    )
    .sign(new TextEncoder().encode(options.secret));
}
