/**
 * Remembers what a pure function made of the texts it saw last: one text is looked at by many rules, a persona by every
 * judgement of its posts. At least `most` are kept and at most twice as many; what is asked for again stays. What is
 * remembered is shared: nobody may change it.
 */
export function remember<V>(most: number, compute: (text: string) => V): (text: string) => V {
  let recent = new Map<string, V>();
  let older = new Map<string, V>();
  return (text) => {
    const known = recent.get(text);
    if (known !== undefined) return known;
    const value = older.get(text) ?? compute(text);
    // Two generations: taking out the oldest, one by one, costs more than what many of these functions compute.
    if (recent.size >= most) {
      older = recent;
      recent = new Map();
    }
    recent.set(text, value);
    return value;
  };
}

/** The same for what is made of an object that nobody changes, as long as the object lives: a persona is one for all of its posts. */
export function rememberOf<K extends object, V extends NonNullable<unknown>>(compute: (of: K) => V): (of: K) => V {
  const known = new WeakMap<K, V>();
  return (of) => {
    let value = known.get(of);
    if (value === undefined) {
      value = compute(of);
      known.set(of, value);
    }
    return value;
  };
}
