import type { Client } from '../../src/http/client.ts';

export interface CountedPosts extends Pick<Client, 'post'> {
  /** Posts that have begun and not come to their end. */
  readonly countOpen: () => number;
}

/** The same client, with how many of its posts are under way. */
export function countPosts(client: Pick<Client, 'post'>): CountedPosts {
  let open = 0;
  return {
    countOpen: () => open,
    post: async (...request) => {
      open += 1;
      try {
        return await client.post(...request);
      } finally {
        open -= 1;
      }
    },
  };
}
