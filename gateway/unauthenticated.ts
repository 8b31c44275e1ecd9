/** The token is missing, expired, malformed or meant for somebody else. The message is for the caller and says which. */
export class UnauthenticatedError extends Error {
  override readonly name = 'UnauthenticatedError';
}
