// Signing in by the company's provider of identities, where the operator has named one.
import { CompanySignIn } from '../core/accounts/company-sign-in.ts';
import type { ApiDeps } from '../protocols/api/deps.ts';
import { OpenIdConnect } from '../providers/openid-connect.ts';
import { createSeal } from '../store/seal.ts';
import type { Core } from './core.ts';

/** Null where no provider is named. Nothing is asked of it, nor its library loaded, before somebody signs in. */
export function openCompanySignIn(core: Core): ApiDeps['company'] {
  const { settings, sessionStore, client, masterKey, consoleUrl, now, monotonic } = core;
  const { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecret: clientSecret } = settings;
  if (issuer === null || clientId === null) return null;
  const provider = new OpenIdConnect({
    client,
    now,
    monotonic,
    issuer,
    clientId,
    clientSecret,
    scopes: settings.oidcScopes,
  });
  const signIn = new CompanySignIn({
    store: sessionStore,
    provider,
    seal: createSeal(masterKey, 'chasqui company sign-in v1'),
    now,
    rules: {
      accountId: settings.oidcAccount,
      roleClaim: settings.oidcRoleClaim,
      nameClaim: settings.oidcNameClaim,
      values: {
        owner: settings.oidcOwners,
        operator: settings.oidcOperators,
        viewer: settings.oidcViewers,
      },
    },
    returnUrl: () => `${consoleUrl()}/api/v1/session/company/return`,
  });
  return { signIn, label: settings.oidcLabel, isOnly: settings.oidcOnly };
}
