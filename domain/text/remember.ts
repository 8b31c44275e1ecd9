/**
 * Remembers what a pure function made of its last `most` texts: one text is looked at by many rules, a persona by every
 * judgement of its posts. What is remembered is shared: nobody may change it.
 */
export function remember<V>(most: number, compute: (text: string) => V): (text: string) => V {
  const known = new Map<string, V>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = compute(text);
    const [oldest] = known.keys();
    if (known.size >= most && oldest !== undefined) known.delete(oldest);
    known.set(text, value);
    return value;
  };
}
