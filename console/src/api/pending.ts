// Routes of the contract that the document does not name yet.
import type {
  Message,
  MessageDetail,
  NewMessage,
  Overview,
  Session,
  SettingRow,
  Template,
  TemplateHistory,
  User,
} from './model.ts';

interface Route {
  parameters: { query?: never; header?: never; path?: never; cookie?: never };
}
interface Json<T> {
  content: { 'application/json': T };
}
type Verb<Answer, Body = undefined, Path = undefined, Query = undefined> = {
  parameters: (Path extends undefined ? { path?: never } : { path: Path }) &
    (Query extends undefined ? { query?: never } : { query?: Query });
  responses: { 200: Json<Answer> };
} & (Body extends undefined ? { requestBody?: never } : { requestBody: Json<Body> });
interface Page<T> {
  items: T[];
  next: string | null;
}
interface Listing {
  limit?: number;
  cursor?: string;
}
type TemplatePath = { channelId: string; code: string; language: string };

export interface PendingPaths {
  '/api/v1/session': Route & {
    get: Verb<Session>;
    post: Verb<
      Session,
      {
        name?: string;
        password?: string;
        code?: string;
        account?: string;
        keyId?: string;
        keySecret?: string;
      }
    >;
    delete: Verb<null>;
  };
  '/api/v1/session/setup': Route & {
    post: Verb<Session, { keyId: string; keySecret: string; name: string; password: string }>;
  };
  '/api/v1/session/all': Route & { delete: Verb<null> };
  '/api/v1/session/password': Route & { post: Verb<null, { password: string; newPassword: string }> };
  '/api/v1/session/totp': Route & { post: Verb<{ secret: string; uri: string }, { password: string }> };
  '/api/v1/session/totp/confirm': Route & { post: Verb<null, { code: string }> };
  '/api/v1/session/totp/remove': Route & { post: Verb<null, { password: string }> };
  '/api/v1/users': Route & {
    get: Verb<Page<User>>;
    post: Verb<User, { name: string; role: User['role']; password: string }>;
  };
  '/api/v1/users/{userId}': Route & {
    patch: Verb<
      User,
      { role?: User['role']; state?: User['state']; password?: string; totp?: false },
      { userId: string }
    >;
    delete: Verb<null, undefined, { userId: string }>;
  };
  '/api/v1/overview': Route & { get: Verb<Overview> };
  '/api/v1/messages': Route & {
    get: Verb<
      Page<Message>,
      undefined,
      undefined,
      Listing & {
        direction?: 'mt' | 'mo';
        number?: string;
        messageId?: string;
        taskId?: string;
        templateCode?: string;
        status?: NonNullable<Message['status']>;
        channelId?: string;
        senderId?: string;
        since?: string;
        until?: string;
      }
    >;
    post: Verb<{ messageId: string }, NewMessage>;
  };
  '/api/v1/messages/{messageId}': Route & { get: Verb<MessageDetail, undefined, { messageId: string }> };
  '/api/v1/sandbox/{senderId}/inbound': Route & {
    post: Verb<
      { messageId: string; receiptId: string; outcome: string },
      Record<string, unknown>,
      { senderId: string }
    >;
  };
  '/api/v1/sandbox/{senderId}/status': Route & {
    post: Verb<{ receiptId: string; outcome: string }, Record<string, unknown>, { senderId: string }>;
  };
  '/api/v1/templates': Route & {
    get: Verb<
      Page<Template>,
      undefined,
      undefined,
      Listing & { channelId?: string; name?: string; status?: Template['status'] }
    >;
  };
  '/api/v1/channels/{channelId}/templates': Route & {
    post: Verb<
      Template,
      Pick<Template, 'name' | 'language' | 'type' | 'category' | 'components'> & {
        example?: Record<string, string>;
      },
      { channelId: string }
    >;
  };
  '/api/v1/channels/{channelId}/templates/{code}/{language}': Route & {
    get: Verb<Template, undefined, TemplatePath>;
    put: Verb<
      Template,
      { category?: string; components: Template['components']; example?: Record<string, string> },
      TemplatePath
    >;
    delete: Verb<null, undefined, TemplatePath>;
  };
  '/api/v1/channels/{channelId}/templates/{code}/{language}/history': Route & {
    get: Verb<Page<TemplateHistory>, undefined, TemplatePath>;
  };
  '/api/v1/channels/{channelId}/templates/{code}/{language}/review': Route & {
    post: Verb<Template, { decision: 'pass' | 'fail'; reason?: string }, TemplatePath>;
  };
  '/api/v1/settings': Route & { get: Verb<Page<SettingRow>> };
}
