/** `redis+cluster://[user:password@]host:port[,host:port…]`, or `rediss+cluster://` with TLS: some nodes of a cluster. */
const CLUSTER_URL = /^(rediss?)\+cluster:\/\/(?:([^@/]*)@)?([^@/?#]+)\/?$/;

/** The nodes that a Redis URL names, each as a URL of its own, and whether they form a cluster. Null when it is none. */
export function readRedisUrl(url: string): { nodes: string[]; cluster: boolean } | null {
  const [, scheme, login, hosts] = CLUSTER_URL.exec(url) ?? [];
  const nodes = hosts?.split(',').map((host) => `${scheme}://${login ? `${login}@` : ''}${host}`) ?? [url];
  const readable = nodes.every((node) => URL.canParse(node) && /^rediss?:\/\/./.test(node));
  return readable ? { nodes, cluster: hosts !== undefined } : null;
}
