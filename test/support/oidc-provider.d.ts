// The library comes without types; this is what the tests use of it.
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  export class Provider {
    constructor(issuer: string, configuration: object);
    callback(): RequestListener;
    readonly Grant: new (of: object) => { addOIDCScope(scope: string): void; save(): Promise<string> };
  }
}
