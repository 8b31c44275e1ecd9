export { releaseReview } from './claim-review.ts';
