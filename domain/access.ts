import type { DomainContext } from './context.ts';
import { ForbiddenError } from './errors.ts';

export const ROLES = ['CONTENT_REVIEWER', 'CAMPAIGN_MANAGER', 'ADMINISTRATOR'] as const;
export type Role = (typeof ROLES)[number];

/** What a token may do. `admin:*` implies every other. */
export const PERMISSIONS = ['read:agents', 'approve:hitl', 'write:campaigns', 'write:agents', 'admin:*'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/**
 * Content Reviewers decide reviews; Campaign Managers also run campaigns and agents' daily life (create, pause, budgets,
 * goals); Administrators also stop agents for good, change personas and see everything (requirement 1.4).
 */
export const PERMISSIONS_BY_ROLE: Record<Role, readonly Permission[]> = {
  CONTENT_REVIEWER: ['read:agents', 'approve:hitl'],
  CAMPAIGN_MANAGER: ['read:agents', 'approve:hitl', 'write:campaigns'],
  ADMINISTRATOR: ['read:agents', 'approve:hitl', 'write:campaigns', 'write:agents', 'admin:*'],
};

export const isAllowed = (permissions: ReadonlySet<string>, permission: Permission): boolean =>
  permissions.has('admin:*') || permissions.has(permission);

/** Throws ForbiddenError unless the context's actor holds the permission. */
export function requirePermission(context: DomainContext, permission: Permission): void {
  if (!isAllowed(context.actor.permissions, permission)) throw new ForbiddenError(permission);
}
