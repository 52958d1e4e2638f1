// The Caddyfile of deploy/ under the real Caddy.
import { testBehind } from './behind.ts';
import { caddy } from './proxies.ts';

testBehind(caddy);
