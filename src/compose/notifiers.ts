// Who is told of notices by settings, and how each kind of target is told.
import { findConsoleUrl } from '../config/console-url.ts';
import { hostname } from 'node:os';
import type { Settings } from '../config/table.ts';
import { toHeaders } from '../core/deliveries/signature.ts';
import type { NoticeTarget, TargetKind } from '../domain/notice-target.ts';
import type { Notify } from '../domain/notice-message.ts';
import type { Client } from '../http/client.ts';
import { createDingtalk } from '../notifiers/dingtalk.ts';
import { createMail } from '../notifiers/mail.ts';
import { createPagerduty } from '../notifiers/pagerduty.ts';
import { createSlack } from '../notifiers/slack.ts';
import { createTeams } from '../notifiers/teams.ts';
import { createWebhook } from '../notifiers/webhook.ts';

interface NotifierDeps {
  readonly settings: Settings;
  readonly client: Client;
  readonly now: () => number;
}

export function createNotifiers({
  settings,
  client,
  now,
}: NotifierDeps): Readonly<Partial<Record<TargetKind, Notify>>> {
  const { publicUrl, smtpUrl, smtpTls, mailFrom } = settings;
  const deps = { client, now };
  return {
    slack: createSlack(deps),
    dingtalk: createDingtalk(deps),
    teams: createTeams(deps),
    pagerduty: createPagerduty({ ...deps, source: () => publicUrl ?? hostname() }),
    webhook: createWebhook({
      ...deps,
      toHeaders: ({ secret, ...post }) =>
        toHeaders({
          ...post,
          secrets: secret === null ? [] : [{ secret, expiresAt: null }],
          cause: post.attempt === 1 ? null : 'retry',
        }),
    }),
    ...(smtpUrl !== null && mailFrom !== null
      ? { email: createMail({ client, smtpUrl, tls: smtpTls, from: mailFrom }) }
      : {}),
  };
}

/** The console, where this service says where it is reached. */
export function toLink(settings: Pick<Settings, 'publicUrl' | 'consoleUrl' | 'adminPort'>): string | null {
  const url = findConsoleUrl(settings);
  return url === null ? null : `${url}/console/`;
}

/** The operator's targets, which are settings. Their ids are where it stands how telling them goes. */
export function toOperatorTargets(settings: Settings): readonly NoticeTarget[] {
  const { operatorUrl, operatorMail, operatorSlackUrl, operatorDingtalkUrl, operatorTeamsUrl } = settings;
  const { operatorUrlSecret, operatorDingtalkSecret, operatorPagerdutyKey } = settings;
  const { operatorLanguage: language, operatorSeverity: severity } = settings;
  const toTarget = (
    kind: TargetKind,
    url: string | null,
    secret: string | null = null,
    mail: readonly string[] = [],
  ): NoticeTarget => ({
    accountId: null,
    id: kind,
    name: '',
    kind,
    language,
    severity,
    codes: [],
    state: 'active',
    url,
    mail,
    secret,
    createdAt: 0,
    updatedAt: 0,
  });
  return [
    ...(operatorUrl === null ? [] : [toTarget('webhook', operatorUrl, operatorUrlSecret)]),
    ...(operatorMail.length === 0 ? [] : [toTarget('email', null, null, operatorMail)]),
    ...(operatorSlackUrl === null ? [] : [toTarget('slack', operatorSlackUrl)]),
    ...(operatorDingtalkUrl === null
      ? []
      : [toTarget('dingtalk', operatorDingtalkUrl, operatorDingtalkSecret)]),
    ...(operatorTeamsUrl === null ? [] : [toTarget('teams', operatorTeamsUrl)]),
    ...(operatorPagerdutyKey === null ? [] : [toTarget('pagerduty', null, operatorPagerdutyKey)]),
  ];
}
