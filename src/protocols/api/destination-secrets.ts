// What signs for a callback URL: shown, and replaced.
import type { Static } from '@fastify/type-provider-typebox';
import { findDestination, findValidSecrets, rotateSecret } from '../../core/deliveries/destinations.ts';
import type { Destination } from '../../domain/delivery.ts';
import { toTime } from '../../domain/time.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { ofDestination, RotateSecretBody, SecretsAnswer, toDestinationId } from './schemas-deliveries.ts';

/** What these routes work with. */
type SecretApiDeps = ApiDeps<'findDestination' | 'setDestinationSecrets'>;

/** How long an old secret signs along unless something else is said. */
const overlapSeconds = 86_400;

export function destinationSecretApi(api: Api, deps: SecretApiDeps): void {
  showSecrets(api, deps);
  replaceSecret(api, deps);
}

function showSecrets(api: Api, { store, now }: SecretApiDeps): void {
  api.get(
    '/destinations/:destinationId/secrets',
    {
      ...needs('operator'),
      schema: describe(
        'Show the signing secrets',
        'destinations',
        ofDestination,
        { 200: SecretsAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      return toSecrets(await findDestination(store, accountId, toDestinationId(request.params)), now());
    },
  );
}

function replaceSecret(api: Api, deps: SecretApiDeps): void {
  api.post(
    '/destinations/:destinationId/secrets/rotate',
    {
      ...needs('operator'),
      schema: describe(
        'Make a new signing secret; the old one signs along for a while',
        'destinations',
        { ...ofDestination, body: RotateSecretBody },
        { 200: SecretsAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const overlapMs = (request.body.overlapSeconds ?? overlapSeconds) * 1000;
      const rotated = await rotateSecret(deps, callerOf(request), toDestinationId(request.params), overlapMs);
      return toSecrets(rotated, deps.now());
    },
  );
}

/** The signing secrets that are valid, as answered. */
export function toSecrets(destination: Destination, now: number): Static<typeof SecretsAnswer> {
  return {
    secrets: findValidSecrets(destination, now).map(({ secret, expiresAt }) => ({
      secret,
      expiresAt: expiresAt === null ? null : toTime(expiresAt),
    })),
  };
}
