import type { Flag } from './check.ts';

const LINK =
  /\bhttps?:\/\/[^\s<>"']+|(?<![\p{L}\p{N}@.])(?:[a-z0-9-]+\.)+(?:com|org|net|io|ai|co|app|dev|shop|store|xyz|info|biz|ly|me|gg|link|click|top|ru|tk|zip|mov)(?:\/[^\s<>"']*)?(?![\p{L}\p{N}@])/giu;
const SHORTENERS = new Set([
  'bit.ly',
  'tinyurl.com',
  'goo.gl',
  'ow.ly',
  'is.gd',
  'cutt.ly',
  'rb.gy',
  'shorturl.at',
  'rebrand.ly',
]);
/** Hosts that anybody may link to. */
const WELL_KNOWN = new Set(
  `twitter.com x.com instagram.com threads.net threads.com tiktok.com youtube.com youtu.be moltbook.com wikipedia.org
  github.com medium.com spotify.com arxiv.org nature.com bbc.co.uk bbc.com theguardian.com reuters.com apnews.com nytimes.com
  who.int un.org nasa.gov europa.eu`.split(/\s+/u),
);

/** What every match of LINK holds, and most texts do not. */
const MAY_LINK = /:\/\/|\.\S/;

/** Every link and bare host name of a text, as written, without closing punctuation. */
export function linksOf(text: string): string[] {
  if (!MAY_LINK.test(text)) return [];
  return [...new Set((text.match(LINK) ?? []).map((link) => link.replace(/[.,;:!?)\]}'"]+$/u, '')))];
}

/** The host of a link in lower case without `www.`; null when it is no URL. */
export function hostOf(link: string): string | null {
  const address = /^https?:\/\//i.test(link) ? link : `https://${link}`;
  return URL.canParse(address) ? new URL(address).hostname.toLowerCase().replace(/^www\./u, '') : null;
}

/** Flags links to hosts that are neither well known nor named in `knownContext` (goals, topic, persona; asked where there is a link). */
export function findLinkFlags(text: string, knownContext: () => string): Flag[] {
  const links = linksOf(text);
  if (links.length === 0) return [];
  const context = knownContext().toLowerCase();
  return links.flatMap((link) => flagOf(link, context) ?? []);
}

function flagOf(link: string, context: string): Flag | null {
  const host = hostOf(link);
  if (host === null)
    return { code: 'SUSPICIOUS_LINK', risk: 'MEDIUM', message: `The link ${link} is no valid address.` };
  if (/^[\d.]+$|^\[/u.test(host) || host.includes('xn--') || /^https?:\/\/[^/]*@/i.test(link)) {
    return { code: 'SUSPICIOUS_LINK', risk: 'HIGH', message: `The link ${link} hides where it leads.` };
  }
  const base = host.split('.').slice(-2).join('.');
  if (SHORTENERS.has(host))
    return { code: 'SUSPICIOUS_LINK', risk: 'MEDIUM', message: `The short link ${link} hides where it leads.` };
  if (WELL_KNOWN.has(host) || WELL_KNOWN.has(base) || context.includes(host) || context.includes(base)) return null;
  return {
    code: 'UNKNOWN_LINK',
    risk: 'LOW',
    message: `Links to ${host}, which neither the goals nor the persona name.`,
  };
}
