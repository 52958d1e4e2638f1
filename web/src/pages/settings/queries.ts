export const keysKey = ['keys'] as const;
export const noticeTargetsKey = ['notice-targets'] as const;
export const portalLinksKey = ['portal-links'] as const;
export const usersKey = ['users'] as const;
