-- A Worker takes the best task of an agent: the most urgent, then the oldest. It replaces an index of the same rows by
-- `notBefore`, which nothing looks for: what is queued is listed whole.
DROP INDEX "Task_queued_idx";
CREATE INDEX "Task_ready_idx" ON "Task" ("agentId", priority DESC, id) WHERE status = 'QUEUED';
