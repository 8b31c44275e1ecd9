import { ForbiddenError } from '../domain/errors.ts';
import { builder } from '../schema/builder.ts';
import { Viewer } from '../schema/user.ts';

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    resolve: (_root, _args, { actor }) => {
      if (!actor.userId) throw new ForbiddenError("a user's token");
      return { userId: actor.userId };
    },
  }),
);
