/** What an editor's remark asks for, as far as its words tell. */
export interface FeedbackWishes {
  shorter: boolean;
  withoutFigures: boolean;
  withoutTags: boolean;
  withoutEmoji: boolean;
  withoutQuestion: boolean;
  withQuestion: boolean;
  /** Leave the news alone and speak from the persona. */
  closerToPersona: boolean;
  moreConcrete: boolean;
}

export function readFeedback(feedback: string | null): FeedbackWishes {
  const says = (pattern: RegExp) => feedback !== null && pattern.test(feedback);
  return {
    shorter: says(/\b(?:shorter|too long|concise|length|exceeds?|trim)\b/iu),
    withoutFigures: says(/\b(?:unverified|claim|figures?|numbers?|statistics?|source|fact[- ]?check|misleading)\b/iu),
    withoutTags: says(/\b(?:no|fewer|without|too many|remove)\b.{0,20}\bhash ?tags?\b/iu),
    withoutEmoji: says(/\bemojis?\b/iu),
    withoutQuestion: says(/\b(?:no|without|drop|remove|stop)\b.{0,20}\bquestions?\b/iu),
    withQuestion: says(/\b(?:add|ask|with|end (?:with|on))\b.{0,20}\bquestion\b|\bengag/iu),
    closerToPersona: says(
      /\b(?:off[- ]?(?:persona|brand|topic)|persona|voice|tone|character|generic|sensitive|politic|controvers|brand)\b/iu,
    ),
    moreConcrete: says(/\b(?:vague|concrete|specific|generic|detail|empty|bland|low quality)\b/iu),
  };
}
