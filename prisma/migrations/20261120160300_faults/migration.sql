-- Faults that a person decides: a review of no result asks what becomes of an attempt or an effect.
ALTER TABLE "Review" ALTER COLUMN "resultId" DROP NOT NULL;

-- How often in a row a server was away for a piece of work: the fifth time goes to a person.
ALTER TABLE "Task" ADD COLUMN "outages" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Effect" ADD COLUMN "outages" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Task" ADD CONSTRAINT "Task_outages" CHECK (outages >= 0);
ALTER TABLE "Effect" ADD CONSTRAINT "Effect_outages" CHECK (outages >= 0);

-- An attempt that does not count (rate limit, server away, agent paused) grants another one: maxAttempts grows.
ALTER TABLE "Task" DROP CONSTRAINT "Task_attempts";
ALTER TABLE "Task" ADD CONSTRAINT "Task_attempts" CHECK (attempt >= 0 AND "maxAttempts" BETWEEN 1 AND 1000 AND "timeoutSeconds" BETWEEN 1 AND 3600);

-- Effects by their time: the schedules look every second for what has just become due.
CREATE INDEX "Effect_due_idx" ON "Effect" ("notBefore") WHERE status = 'PENDING';

-- The lifecycle of a task (domain/task/task-lifecycle.ts): an attempt or an effect may go to a person, who may have it tried again.
CREATE OR REPLACE FUNCTION task_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (CASE OLD.status
    WHEN 'PENDING' THEN NEW.status IN ('QUEUED', 'CANCELLED')
    WHEN 'QUEUED' THEN NEW.status IN ('IN_PROGRESS', 'CANCELLED')
    WHEN 'IN_PROGRESS' THEN NEW.status IN ('IN_REVIEW', 'ESCALATED', 'QUEUED', 'FAILED', 'CANCELLED')
    WHEN 'IN_REVIEW' THEN NEW.status IN ('COMPLETE', 'APPLYING', 'ESCALATED', 'QUEUED', 'REJECTED', 'CANCELLED')
    WHEN 'ESCALATED' THEN NEW.status IN ('COMPLETE', 'APPLYING', 'QUEUED', 'REJECTED', 'CANCELLED')
    WHEN 'APPLYING' THEN NEW.status IN ('COMPLETE', 'ESCALATED', 'FAILED', 'CANCELLED')
    ELSE false
  END) THEN
    RAISE EXCEPTION 'a task that is % cannot become %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
