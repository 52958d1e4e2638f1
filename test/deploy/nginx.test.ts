// The nginx configuration of deploy/ under the real nginx.
import { testBehind } from './behind.ts';
import { nginx } from './proxies.ts';

testBehind(nginx);
