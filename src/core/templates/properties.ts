import type { Template } from '../../domain/template.ts';
import type { Store } from '../../store/store.ts';
import { noTemplate } from './submission.ts';
import type { TemplateOwner } from './submission.ts';

/**
 * Sets whether a template may be sent, and whether the vendor may change its category; what is left out stays. No review follows.
 * Throws a refusal when it is not there.
 */
export async function changeProperties(
  { store }: { readonly store: Pick<Store, 'updateTemplate'> },
  { accountId, actor }: TemplateOwner,
  { channelId, code, language }: Pick<Template, 'channelId' | 'code' | 'language'>,
  {
    allowSend,
    categoryChangePaused,
  }: Readonly<Record<'allowSend' | 'categoryChangePaused', boolean | undefined>>,
): Promise<void> {
  const change = {
    ...(allowSend === undefined ? {} : { allowSend }),
    ...(categoryChangePaused === undefined ? {} : { categoryChangePaused }),
  };
  const key = { channelId, code, language };
  if ((await store.updateTemplate(accountId, { ...key, ...change }, actor)) === 'missing') throw noTemplate();
}
