/** What the vendor that the bench plays signs with. */
export const appSecret = 'bench-app-secret';
