/**
 * Runs short pieces of computation one a turn of the event loop, in the order they came: a hundred at once would hold up
 * every answer of the database meanwhile, and with it the locks of the transactions that wait for theirs.
 */
export function createTurns(): <T>(work: () => T | Promise<T>) => Promise<T> {
  let last: Promise<void> = Promise.resolve();
  return (work) => {
    const turn = last.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
    last = turn;
    return turn.then(work);
  };
}
