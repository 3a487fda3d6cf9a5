import { AccessError, eventOf, organizationOf } from '../../auth/index.js';
import { MAX_ADDED_TAGS } from '../../store/index.js';
import { clientOf, userOf } from '../auth/authenticate.js';
import { type HttpDeps, principalOf } from '../context.js';
import { BODY_ERRORS, bodyAs } from '../requests/body.js';
import { ApiError } from '../responses/errors.js';
import { json, type Route } from '../route.js';
import { TagsChange, TagsChanged } from '../schemas/tags.js';
import { ownNotarizations } from './own-notarizations.js';

/** Tags that organizations give to their notarizations. They are not notarized, so they can change. */
export function tagRoutes(deps: HttpDeps): Route[] {
  return [
    {
      method: 'post',
      path: '/v1/tags',
      access: 'tag',
      operation: {
        id: 'changeTags',
        tag: 'Notarizations',
        summary: 'Add tags to notarizations, and remove them',
        description: `The register finds them like those in the details. They are not notarized: no proof has them. A notarization can have ${MAX_ADDED_TAGS} of them. All are changed, or none.`,
        body: json(TagsChange),
        responses: { 200: { description: 'Changed.', content: json(TagsChanged) } },
        errors: [...BODY_ERRORS, 'notarization_not_found', 'outcome_unknown', 'unavailable'],
      },
      async handle(req, res) {
        const { notarizations, add = [], remove = [] } = await bodyAs(req, TagsChange);
        const user = userOf(req);
        const organization = organizationOf(principalOf(req));
        if (organization === null) throw new AccessError('forbidden', 'choose an organization first');
        const documents = await ownNotarizations(deps, req, notarizations);
        const at = Date.now();
        const changed = await deps.tags.changeTags(
          { organization: organization.number, at, by: user.personId, add, remove, documents },
          eventOf(user, clientOf(req), at, 'tags_changed'),
        );
        if (changed === 'too_many') {
          throw new ApiError(
            'invalid_body',
            `A notarization can have at most ${MAX_ADDED_TAGS} added tags: remove some first.`,
          );
        }
        res.json({ changed });
      },
    },
  ];
}
