import type { Asked } from './postgres-wire.ts';
import type { Moment } from './wire-proxy.ts';

export const ROLES = ['gateway', 'planner', 'worker', 'judge', 'effects', 'relay'] as const;
export type RoleName = (typeof ROLES)[number];

export type ServiceName = 'postgres' | 'redis' | 'model' | 'sandbox';

/** A named place in the life of a role, recognised by what the role says to a service there. */
export interface KillPoint {
  role: RoleName;
  name: string;
  service: ServiceName;
  says: RegExp;
  /** A statement that came earlier in the same transaction. */
  within?: RegExp;
  moment: Moment;
}

const CLAIM_TASK = /UPDATE "Task" t SET status = 'IN_PROGRESS'/;
const STORE_RESULT = /INSERT INTO "Result"/;
const CLAIM_PLAN = /UPDATE "Campaign" SET "planClaimToken" = \$2/;
const WRITE_PLAN = /INSERT INTO "Plan"/;
const STORE_VERDICT = /UPDATE "Result" r SET verdict/;
const CLAIM_EFFECT = /UPDATE "Effect" e SET status = 'SENT'/;
const CONFIRM_EFFECT = /UPDATE "Effect" SET status = 'CONFIRMED'/;
const MOVE_OUTBOX = /DELETE FROM "Outbox"/;
const COMMIT = /^COMMIT/;
const ASK_MODEL = /^POST \/v1\/messages/;
const POST_TWEET = /^POST \/2\/tweets/;

const sql = (role: RoleName, name: string, says: RegExp, moment: Moment, within?: RegExp): KillPoint => ({
  role,
  name,
  service: 'postgres',
  says,
  moment,
  ...(within ? { within } : {}),
});

/** Every place where dying could hurt, each role in turn. */
export const KILL_POINTS: readonly KillPoint[] = [
  sql('planner', 'before it claims the plan', CLAIM_PLAN, 'before'),
  sql('planner', 'after it claimed the plan', CLAIM_PLAN, 'unanswered'),
  { role: 'planner', name: 'during its model call', service: 'model', says: ASK_MODEL, moment: 'unanswered' },
  sql('planner', 'before the plan is committed', COMMIT, 'before', WRITE_PLAN),
  sql('planner', 'after the plan is committed', COMMIT, 'unanswered', WRITE_PLAN),
  sql('worker', 'before it claims', CLAIM_TASK, 'before'),
  sql('worker', 'before its claim is committed', COMMIT, 'before', CLAIM_TASK),
  sql('worker', 'after its claim is committed', COMMIT, 'unanswered', CLAIM_TASK),
  { role: 'worker', name: 'during its model call', service: 'model', says: ASK_MODEL, moment: 'unanswered' },
  sql('worker', 'before its result is committed', COMMIT, 'before', STORE_RESULT),
  sql('worker', 'after its result is committed', COMMIT, 'unanswered', STORE_RESULT),
  { role: 'judge', name: 'during its model call', service: 'model', says: ASK_MODEL, moment: 'unanswered' },
  sql('judge', 'before its verdict is committed', COMMIT, 'before', STORE_VERDICT),
  sql('judge', 'after its verdict is committed', COMMIT, 'unanswered', STORE_VERDICT),
  sql('effects', 'before its claim is committed', COMMIT, 'before', CLAIM_EFFECT),
  sql('effects', 'after its claim is committed', COMMIT, 'unanswered', CLAIM_EFFECT),
  { role: 'effects', name: 'before the outside call', service: 'sandbox', says: POST_TWEET, moment: 'before' },
  { role: 'effects', name: 'after the outside call', service: 'sandbox', says: POST_TWEET, moment: 'unanswered' },
  sql('effects', 'between the outside call and its record', CONFIRM_EFFECT, 'before'),
  sql('effects', 'before the record is committed', COMMIT, 'before', CONFIRM_EFFECT),
  sql('effects', 'after the record is committed', COMMIT, 'unanswered', CONFIRM_EFFECT),
  sql('relay', 'before it moves the outbox', MOVE_OUTBOX, 'before'),
  sql('relay', 'between commit and publish', MOVE_OUTBOX, 'unanswered'),
  { role: 'relay', name: 'before the hints', service: 'redis', says: /publish/i, moment: 'before' },
  { role: 'relay', name: 'while it queues jobs', service: 'redis', says: /evalsha/i, moment: 'unanswered' },
  sql('gateway', 'before a decision is committed', COMMIT, 'before', /UPDATE "Review"/),
  sql('gateway', 'after a decision is committed', COMMIT, 'unanswered', /UPDATE "Review"/),
  sql('gateway', 'while it reads events', /FROM "Event"/, 'unanswered'),
];

/** Whether what was asked, at this moment, is the point. */
export const isAt = (point: KillPoint, { text, within }: Asked, moment: Moment): boolean =>
  moment === point.moment &&
  point.says.test(text) &&
  (point.within === undefined || within.some((earlier) => point.within?.test(earlier)));
