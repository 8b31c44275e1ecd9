import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLanguageModel } from '../../../swarm/models/create-language-model.ts';
import type { LanguageModel } from '../../../swarm/models/language-model.ts';
import { LanguageModelError } from '../../../swarm/models/language-model.ts';
import { costMicroUsd } from '../../../swarm/models/prices.ts';
import { writePostPrompt } from '../../../swarm/models/prompts/write-post.ts';
import { postAnswer, postInput } from './fixtures.ts';
import type { VendorStub } from './vendor-stub.ts';
import { startVendorStub } from './vendor-stub.ts';

const GOOD = JSON.stringify(postAnswer);
const CALL_USAGE = { inputTokens: 100, outputTokens: 50 };

describe.each(['anthropic', 'google'] as const)('%s', (vendor) => {
  let stub: VendorStub;
  let model: LanguageModel;
  const isClaude = vendor === 'anthropic';

  beforeAll(async () => {
    stub = await startVendorStub();
    const credentials = { apiKey: 'key-of-a-test', baseUrl: stub.url };
    model = createLanguageModel({
      anthropic: isClaude ? credentials : null,
      google: isClaude ? null : credentials,
      offlineSeed: 'test',
    });
  });
  afterAll(() => stub.stop());

  const ask = (options = {}) => model.generate(writePostPrompt, postInput, options);
  const failure = async (promise: Promise<unknown>): Promise<LanguageModelError> => {
    const error = await promise.then(
      () => new Error('should have failed'),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(LanguageModelError);
    return error as LanguageModelError;
  };

  test('answers with the parsed output, the usage with thinking, and its price', async () => {
    stub.script({ kind: 'answer', text: GOOD });
    const generation = await ask();
    expect(generation.output).toEqual(postAnswer);
    expect(generation).toMatchObject({ vendor, model: model.modelFor('FAST'), usage: CALL_USAGE });
    expect(generation.costMicroUsd).toBe(costMicroUsd(generation.model, CALL_USAGE));
    expect(generation.costMicroUsd).toBeLessThan(model.estimateMicroUsd(writePostPrompt, postInput));
  });

  test('sends the key, the schema, the system text and the wrapped data', async () => {
    stub.script({ kind: 'answer', text: GOOD });
    await ask();
    const { url, headers, body } = stub.seen.at(-1) ?? { url: '', headers: {}, body: {} };
    const sent = JSON.stringify(body);
    expect(isClaude ? headers.authorization : headers['x-goog-api-key']).toBe(
      isClaude ? 'Bearer key-of-a-test' : 'key-of-a-test',
    );
    expect(url).toContain(isClaude ? '/v1/messages' : `${model.modelFor('FAST')}:generateContent`);
    expect(sent).toContain('estimatedEngagement');
    expect(sent).toContain('Order of authority');
    expect(sent).toContain('untrusted-data');
    expect(body).toMatchObject(
      isClaude
        ? { output_config: { format: { type: 'json_schema' } } }
        : { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } } },
    );
  });

  test('shows a malformed answer to the model once, with what is wrong, and sums both calls', async () => {
    stub.script({ kind: 'answer', text: '{"text": "half of' }, { kind: 'answer', text: GOOD });
    const before = stub.seen.length;
    const generation = await ask();
    expect(generation.output.text).toBe(postAnswer.text);
    expect(generation.usage).toEqual({ inputTokens: 200, outputTokens: 100 });
    expect(stub.seen.length - before).toBe(2);
    const second = JSON.stringify(stub.seen.at(-1)?.body);
    expect(second).toContain('half of');
    expect(second).toContain('not valid JSON');
  });

  test('gives up after the second malformed answer, which is not retryable but has cost something', async () => {
    const tooLikely = JSON.stringify({ ...postAnswer, probability: 3 });
    stub.script({ kind: 'answer', text: tooLikely }, { kind: 'answer', text: tooLikely });
    const error = await failure(ask());
    expect(error).toMatchObject({
      kind: 'MALFORMED_OUTPUT',
      retryable: false,
      usage: { inputTokens: 200, outputTokens: 100 },
    });
    expect(error.costMicroUsd).toBe(2 * costMicroUsd(model.modelFor('FAST'), CALL_USAGE));
    expect(error.message).toContain('probability');
  });

  test('reads JSON out of a code fence', async () => {
    stub.script({ kind: 'answer', text: `\`\`\`json\n${GOOD}\n\`\`\`` });
    expect((await ask()).output).toEqual(postAnswer);
  });

  test('an answer with characters that cannot be stored is an answer without them', async () => {
    const odd = JSON.stringify({ ...postAnswer, text: 'One \ud83dcloth\0, and 🙂.' });
    stub.script({ kind: 'answer', text: odd });
    expect((await ask()).output).toEqual({ ...postAnswer, text: 'One cloth, and 🙂.' });
  });

  test('429 is retryable, says how long to wait, and is not retried here', async () => {
    stub.script({ kind: 'status', status: 429, headers: { 'retry-after': '7' }, retryDelay: '7s' });
    const before = stub.seen.length;
    const error = await failure(ask());
    expect(error).toMatchObject({ kind: 'RATE_LIMITED', retryable: true, retryAfterMs: 7000, costMicroUsd: 0 });
    expect(stub.seen.length - before).toBe(1);
  });

  test.each([
    [500, 'OVERLOADED', true],
    [503, 'OVERLOADED', true],
    [529, 'OVERLOADED', true],
    [400, 'INVALID_REQUEST', false],
    [404, 'INVALID_REQUEST', false],
    [401, 'AUTHENTICATION', false],
    [403, 'AUTHENTICATION', false],
  ])('HTTP %i is %s', async (status, kind, retryable) => {
    stub.script({ kind: 'status', status });
    expect(await failure(ask())).toMatchObject({ kind, retryable, costMicroUsd: 0 });
  });

  test('a refusal is not retried, and its tokens are charged', async () => {
    stub.script({ kind: 'answer', text: '', stop: isClaude ? 'refusal' : 'SAFETY' });
    expect(await failure(ask())).toMatchObject({ kind: 'REFUSED', retryable: false, usage: CALL_USAGE });
  });

  test('a cut-off answer is TRUNCATED', async () => {
    stub.script({ kind: 'answer', text: GOOD.slice(0, 20), stop: isClaude ? 'max_tokens' : 'MAX_TOKENS' });
    expect(await failure(ask())).toMatchObject({ kind: 'TRUNCATED', retryable: false });
  });

  test.runIf(isClaude)('an exceeded context window is TRUNCATED', async () => {
    stub.script({ kind: 'answer', text: '', stop: 'model_context_window_exceeded' });
    expect(await failure(ask())).toMatchObject({ kind: 'TRUNCATED' });
  });

  test.skipIf(isClaude)('a blocked prompt is REFUSED', async () => {
    stub.script({ kind: 'blocked' });
    expect(await failure(ask())).toMatchObject({ kind: 'REFUSED', usage: { inputTokens: 100, outputTokens: 0 } });
  });

  test('a page of a proxy with status 200 never becomes an answer', async () => {
    stub.script({ kind: 'page' });
    expect(await failure(ask())).toMatchObject({ kind: 'NETWORK', retryable: true });
  });

  test('a connection that breaks off is a network error', async () => {
    stub.script({ kind: 'cut' });
    expect(await failure(ask())).toMatchObject({ kind: 'NETWORK', retryable: true });
  });

  test('a closed port is a network error', async () => {
    const gone = await startVendorStub();
    await gone.stop();
    const credentials = { apiKey: 'k', baseUrl: gone.url };
    const nowhere = createLanguageModel({
      anthropic: isClaude ? credentials : null,
      google: isClaude ? null : credentials,
      offlineSeed: '',
    });
    expect(await failure(nowhere.generate(writePostPrompt, postInput))).toMatchObject({
      kind: 'NETWORK',
      retryable: true,
    });
  });

  test('the time limit ends the call as TIMEOUT, retryable, and charges the prompt that was sent', async () => {
    stub.script({ kind: 'hang' });
    const error = await failure(ask({ timeoutMs: 80 }));
    expect(error).toMatchObject({ kind: 'TIMEOUT', retryable: true });
    expect(error.usage.inputTokens).toBeGreaterThan(0);
  });

  test('an abort ends the call as ABORTED, not retryable, and hangs up', async () => {
    stub.script({ kind: 'hang' });
    const controller = new AbortController();
    const before = stub.seen.length;
    const abandoned = stub.abandoned();
    const pending = failure(ask({ signal: controller.signal }));
    await expect.poll(() => stub.seen.length).toBe(before + 1);
    controller.abort();
    expect(await pending).toMatchObject({ kind: 'ABORTED', retryable: false });
    await expect.poll(() => stub.abandoned()).toBe(abandoned + 1);
  });

  test('a signal that is aborted already lets nothing leave', async () => {
    const before = stub.seen.length;
    expect(await failure(ask({ signal: AbortSignal.abort() }))).toMatchObject({ kind: 'ABORTED', costMicroUsd: 0 });
    expect(stub.seen.length).toBe(before);
  });

  test('an input that does not fit is our bug and leaves nothing', async () => {
    const before = stub.seen.length;
    await expect(model.generate(writePostPrompt, { ...postInput, maxLength: 5 })).rejects.toThrow(/maxLength/);
    expect(stub.seen.length).toBe(before);
  });
});
