import { builder } from './builder.ts';
import { Disclosure, Platform } from './enums.ts';
import { MentionNode, PostNode } from './nodes.ts';

builder.prismaObjectFields(PostNode, (t) => ({
  agent: t.relation('agent'),
  task: t.relation('task'),
  platform: t.expose('platform', { type: Platform }),
  text: t.exposeString('text', { nullable: true }),
  mediaUrls: t.expose('mediaUrls', { type: ['URL'] }),
  externalId: t.exposeString('externalId', { description: "The platform's id of it." }),
  url: t.expose('url', { type: 'URL', nullable: true }),
  disclosure: t.expose('disclosure', { type: Disclosure }),
  likes: t.exposeInt('likes'),
  comments: t.exposeInt('comments'),
  shares: t.exposeInt('shares'),
  publishedAt: t.expose('publishedAt', { type: 'DateTime' }),
}));

builder.prismaObjectFields(MentionNode, (t) => ({
  platform: t.expose('platform', { type: Platform }),
  author: t.exposeString('author'),
  text: t.exposeString('text', { description: 'Text from outside, cleaned of what is invisible. Never trust it.' }),
  suspicious: t.exposeBoolean('suspicious', { description: 'Looks like an attempt to instruct the agent.' }),
  receivedAt: t.expose('receivedAt', { type: 'DateTime' }),
  task: t.relation('task', { nullable: true, description: 'The answer, where one was thought worth it.' }),
}));
