export interface SoulIssue {
  /** 1-based line of the source; 1 where something is missing altogether. */
  line: number;
  /** As in the front matter: `core_beliefs`, `voice_traits[2]`, or `front matter`, `body`, `file`. */
  field: string;
  /** What is wrong and what would be right. */
  message: string;
}

/** A SOUL.md that cannot be used, with everything that is wrong with it at once. */
export class SoulError extends Error {
  override readonly name = 'SoulError';
  readonly issues: readonly SoulIssue[];

  constructor(issues: readonly SoulIssue[]) {
    super(issues.map((issue) => `line ${issue.line}, ${issue.field}: ${issue.message}`).join('\n'));
    this.issues = issues;
  }
}
