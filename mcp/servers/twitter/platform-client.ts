import type { TwitterApiv2 } from 'twitter-api-v2';
import { TwitterApi } from 'twitter-api-v2';
import { agentFor } from './account-agent.ts';
import type { Deadlines } from './translate-error.ts';
import { translateTwitterError } from './translate-error.ts';

export interface TwitterConfig {
  /** https://api.x.com, or the origin of a sandbox (plain HTTP allowed). */
  apiUrl: string;
  /** For accounts without an entry in `bearerTokens`. */
  bearerToken: string;
  /** OAuth 2 user tokens by handle (lower case, without @). */
  bearerTokens?: Record<string, string>;
  /** For one tool call, all its requests together. */
  timeoutMs: number;
  /**
   * How long after sending a tweet may still turn up: until then `find_tweet` does not call its absence certain.
   * Default: twice `timeoutMs`.
   */
  settleMs?: number;
  /** Origins that pictures may come from although their addresses are private: our own media store. */
  mediaOrigins?: string[];
}

/** The platform as one account sees it, for the duration of one call. */
export interface Platform {
  config: TwitterConfig;
  account: string;
  signal: AbortSignal;
  /** Runs requests of twitter-api-v2. @throws ToolFailed; `writes` says whether an unclear end may have published. */
  request<T>(writes: boolean, work: (client: TwitterApiv2) => Promise<T>, headers?: Record<string, string>): Promise<T>;
  userId(): Promise<string>;
}

/** @param userIds ids of handles, which never change; shared by all calls of a server */
export function openPlatform(
  config: TwitterConfig,
  account: string,
  callerSignal: AbortSignal,
  userIds: Map<string, string>,
): Platform {
  const deadlines: Deadlines = { caller: callerSignal, timeout: AbortSignal.timeout(config.timeoutMs) };
  const signal = AbortSignal.any([deadlines.caller, deadlines.timeout]);
  const token = config.bearerTokens?.[account.toLowerCase()] ?? config.bearerToken;

  const platform: Platform = {
    config,
    account,
    signal,
    async request(writes, work, headers = {}) {
      const httpAgent = agentFor(new URL(config.apiUrl), signal);
      const addHeaders = {
        onBeforeRequestConfig({ params }: { params: { headers?: Record<string, string> } }): void {
          params.headers = { ...params.headers, ...headers, 'x-account': account };
        },
      };
      try {
        signal.throwIfAborted();
        return await work(new TwitterApi(token, { httpAgent, plugins: [addHeaders] }).v2);
      } catch (error) {
        throw translateTwitterError(error, writes, deadlines);
      } finally {
        httpAgent.destroy();
      }
    },
    async userId() {
      const key = account.toLowerCase();
      const known = userIds.get(key);
      if (known) return known;
      const { data } = await platform.request(false, (client) => client.userByUsername(account));
      userIds.set(key, data.id);
      return data.id;
    },
  };
  return platform;
}
