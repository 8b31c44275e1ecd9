import type { Plants } from './plants.ts';
import { CAMPAIGN, copy, sql, unshown, WRITTEN } from './plants.ts';

/** The ledger is the sum of the results, and nothing stays reserved. */
export const ledgerPlants: Plants = {
  'a result that cost more': {
    says: 'cost is not in the ledger',
    plant: sql(`UPDATE "Result" SET "costMicroUsd" = "costMicroUsd" + 1 WHERE "taskId" = ${WRITTEN}`),
  },
  'a judgement that cost nothing': {
    says: 'judgements that are not in the ledger',
    plant: unshown(
      sql(`UPDATE "SpendEntry" SET "actualMicroUsd" = 0 WHERE category = 'JUDGEMENT' AND "taskId" = ${WRITTEN}`),
    ),
  },
  'a plan that cost more': {
    says: 'plans that are not in the ledger',
    plant: sql(`UPDATE "Plan" SET "costMicroUsd" = "costMicroUsd" + 1 WHERE "campaignId" = ${CAMPAIGN}`),
  },
  'money for no result': {
    says: 'attempts that have no result',
    plant: unshown(
      sql(
        copy(
          'SpendEntry',
          `status = 'SETTLED' AND "actualMicroUsd" > 0`,
          `'id', gen_random_uuid(), 'taskId', ${WRITTEN}, 'attempt', 99`,
        ),
      ),
    ),
  },
  'an entry that was made twice': {
    says: 'cost is not in the ledger',
    plant: unshown(
      sql(
        copy(
          'SpendEntry',
          `"actualMicroUsd" > 0 AND category = 'MODEL' AND "taskId" = ${WRITTEN}`,
          `'id', gen_random_uuid()`,
        ),
      ),
    ),
  },
  'a lost entry': {
    says: 'accounts that are not the sum',
    plant: unshown(sql(`DELETE FROM "SpendEntry" WHERE category = 'MODEL' AND "taskId" = ${WRITTEN}`)),
  },
  'a wrong account': {
    says: 'accounts that are not the sum',
    plant: sql(`UPDATE "BudgetAccount" SET "spentMicroUsd" = "spentMicroUsd" + 1 WHERE day = '1970-01-01'`),
  },
  'a lost account': {
    says: 'accounts that are not the sum',
    plant: sql(`DELETE FROM "BudgetAccount" WHERE "spentMicroUsd" > 0`),
  },
  'an account that reserves': {
    says: 'still reserved',
    plant: sql(`UPDATE "BudgetAccount" SET "reservedMicroUsd" = 1`),
  },
  'a reservation': {
    says: 'still reserved',
    plant: sql(
      copy(
        'SpendEntry',
        'true',
        `'id', gen_random_uuid(), 'status', 'RESERVED', 'settledAt', NULL, 'actualMicroUsd', 0`,
      ),
    ),
  },
};
