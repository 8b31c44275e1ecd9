import {
  ConflictError,
  ForbiddenError,
  InvalidStateError,
  NotFoundError,
  ValidationError,
} from '../../domain/errors.ts';
import { claimReview } from '../../domain/review/claim-review.ts';
import { approveReview, editReview, rejectReview } from '../../domain/review/decide-review.ts';
import { releaseReview } from '../../domain/review/release-review.ts';
import { builder } from '../../schema/builder.ts';
import { DecideReviewInput, EditReviewInput, ReviewIdInput } from '../../schema/inputs.ts';
import { reviewSuccess } from '../../schema/successes.ts';
import { requireRowId } from '../row-id.ts';

const ERRORS = [ValidationError, NotFoundError, ForbiddenError, ConflictError, InvalidStateError] as const;
const ClaimReviewSuccess = reviewSuccess('ClaimReviewSuccess');
const ReleaseReviewSuccess = reviewSuccess('ReleaseReviewSuccess');
const ApproveReviewSuccess = reviewSuccess('ApproveReviewSuccess');
const RejectReviewSuccess = reviewSuccess('RejectReviewSuccess');
const EditReviewSuccess = reviewSuccess('EditReviewSuccess');

builder.mutationFields((t) => ({
  claimReview: t.errorUnionField({
    types: [ClaimReviewSuccess, ...ERRORS],
    description: 'Says to the others that the viewer is at it. Needs approve:hitl, like all of these.',
    args: { input: t.arg({ type: ReviewIdInput, required: true }) },
    resolve: async (_root, { input }, context) => ({
      __typename: 'ClaimReviewSuccess' as const,
      ...(await claimReview(context, { ...input, id: requireRowId('Review', input.id) })),
    }),
  }),
  releaseReview: t.errorUnionField({
    types: [ReleaseReviewSuccess, ...ERRORS],
    args: { input: t.arg({ type: ReviewIdInput, required: true }) },
    resolve: async (_root, { input }, context) => ({
      __typename: 'ReleaseReviewSuccess' as const,
      ...(await releaseReview(context, { ...input, id: requireRowId('Review', input.id) })),
    }),
  }),
  approveReview: t.errorUnionField({
    types: [ApproveReviewSuccess, ...ERRORS],
    description: 'Exactly this content may leave. Of two reviewers at once, one wins and the other gets ConflictError.',
    args: { input: t.arg({ type: DecideReviewInput, required: true }) },
    resolve: async (_root, { input }, context) => ({
      __typename: 'ApproveReviewSuccess' as const,
      ...(await approveReview(context, { ...input, id: requireRowId('Review', input.id) })),
    }),
  }),
  rejectReview: t.errorUnionField({
    types: [RejectReviewSuccess, ...ERRORS],
    args: { input: t.arg({ type: DecideReviewInput, required: true }) },
    resolve: async (_root, { input }, context) => ({
      __typename: 'RejectReviewSuccess' as const,
      ...(await rejectReview(context, { ...input, id: requireRowId('Review', input.id) })),
    }),
  }),
  editReview: t.errorUnionField({
    types: [EditReviewSuccess, ...ERRORS],
    description: 'Approves the edited content instead.',
    args: { input: t.arg({ type: EditReviewInput, required: true }) },
    resolve: async (_root, { input }, context) => ({
      __typename: 'EditReviewSuccess' as const,
      ...(await editReview(context, { ...input, id: requireRowId('Review', input.id) })),
    }),
  }),
}));
