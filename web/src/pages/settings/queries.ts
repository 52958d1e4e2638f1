export const keysKey = ['keys'] as const;
export const usersKey = ['users'] as const;
