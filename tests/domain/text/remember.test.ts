import { describe, expect, it } from 'vitest';
import { remember, rememberOf } from '../../../domain/text/remember.ts';

describe('remember', () => {
  it('computes a text once while it is among the last, and keeps twice as many at most', () => {
    const computed: string[] = [];
    const lengthOf = remember(4, (text) => computed.push(text) && text.length);
    expect(['a', 'bb', 'a', 'ccc', 'dddd'].map(lengthOf)).toEqual([1, 2, 1, 3, 4]);
    expect(computed).toEqual(['a', 'bb', 'ccc', 'dddd']);
    for (let round = 0; round < 8; round++) lengthOf(`other ${round}`);
    lengthOf('bb');
    expect(computed.filter((text) => text === 'bb')).toHaveLength(2);
  });

  it('keeps what is asked for again and again', () => {
    let computed = 0;
    const known = remember(4, (text) => {
      if (text === 'persona') computed++;
      return text;
    });
    for (let round = 0; round < 100; round++) known(round % 3 === 0 ? 'persona' : `post ${round}`);
    expect(computed).toBe(1);
  });
});

describe('rememberOf', () => {
  it('computes once for each object', () => {
    let computed = 0;
    const nameOf = rememberOf((of: { name: string }) => `${++computed} ${of.name}`);
    const [first, second] = [{ name: 'Selam' }, { name: 'Selam' }];
    expect([nameOf(first), nameOf(first), nameOf(second)]).toEqual(['1 Selam', '1 Selam', '2 Selam']);
  });
});
