import { z } from 'zod';
import type { Persona } from '../../../domain/agent/persona.ts';
import type { disclosureSchema, Platform, TaskType } from '../../../domain/task/task-types.ts';

export type CheckName = 'PERSONA' | 'SAFETY' | 'BRAND' | 'TECHNICAL' | 'BUDGET' | 'INJECTION';
export type Risk = 'LOW' | 'MEDIUM' | 'HIGH';
export type Disclosure = z.infer<typeof disclosureSchema>;

export interface Flag {
  /** UPPER_SNAKE, stable: reviewers filter by it and `verdict.ts` routes by it. */
  code: string;
  risk: Risk;
  /** What a reviewer reads. */
  message: string;
}

export interface Check {
  name: CheckName;
  /** 0..1, 1 is flawless. */
  score: number;
  passed: boolean;
  flags: Flag[];
  detail: string;
}

const unit = z.number().min(0).max(1);

/** A function of its own, not one made anew in each check of each text. */
export function addFlag(flags: Flag[], code: string, risk: Risk, message: string): void {
  flags.push({ code, risk, message });
}

/** The answer of the ASSESS prompt; every score 0..1. */
export const assessmentSchema = z.object({
  personaConsistency: unit,
  contentSafety: unit,
  brandAlignment: unit,
  technicalQuality: unit,
  flags: z.array(z.string().trim().min(1).max(500)).max(20),
  reasoning: z.string().max(4000),
});
export type Assessment = z.infer<typeof assessmentSchema>;

/** One file of the output's media, as read back from the store. */
export interface JudgedMedia {
  /** Pixels. */
  width: number;
  height: number;
  bytes: number;
  mimeType: string;
  /** The whole file could be decoded as its mimeType. */
  decodable: boolean;
}

/** Everything the checks look at: gathered once by the Judge, so that every check is a function of it alone. */
export interface Judged {
  taskType: TaskType;
  /** Parsed by the type's output schema; as it came where `outputIssue` says why it does not parse. */
  output: unknown;
  outputIssue: string | null;
  /** What would be read by others; null where the type makes no text. */
  text: string | null;
  hashtags: string[];
  mediaUrls: string[];
  platform: Platform | null;
  /** Characters, hashtags included; the tighter of the task's and the platform's limit is applied. */
  maxLength: number | null;
  disclosure: Disclosure | null;
  persona: Persona;
  /** The campaign's goals. */
  goals: string | null;
  topic: string | null;
  /** What is replied to. */
  mention: { author: string; text: string; suspicious: boolean } | null;
  /** The task's context holds text from outside that looked like an attack. */
  tainted: boolean;
  /** The agent's last posts, newest first. */
  recentTexts: string[];
  /** Null when the type needs none or the model failed. */
  assessment: Assessment | null;
  /** Why the model failed: then nothing is approved without a person. */
  assessmentError: string | null;
  media: JudgedMedia[];
  /** A person approved exactly this text before (POST_CONTENT of a reviewed draft). */
  humanApproved: boolean;
}

export type RunCheck = (judged: Judged) => Check | Promise<Check>;

/** Said by the INJECTION check and by the verdict, once. */
export const TAINTED_MESSAGE = 'Text from outside that looked like an attack was part of the context.';

const PROSE_TYPES: ReadonlySet<TaskType> = new Set(['GENERATE_POST', 'POST_CONTENT', 'REPLY_COMMENT']);

/** The text is written to be read by followers, in the persona's voice (an image's alternative text is not). */
export function isProse(taskType: TaskType): boolean {
  return PROSE_TYPES.has(taskType);
}
