// Routes of the contract that the document does not name yet.
import type { Overview, SettingRow } from './model.ts';

interface Get<Answer> {
  parameters: { query?: never; header?: never; path?: never; cookie?: never };
  get: {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    requestBody?: never;
    responses: { 200: { content: { 'application/json': Answer } } };
  };
}

export interface PendingPaths {
  '/api/v1/overview': Get<Overview>;
  '/api/v1/settings': Get<{ items: SettingRow[]; next: string | null }>;
}
