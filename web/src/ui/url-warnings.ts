import { App } from 'antd';
import { useTexts } from '../i18n/language.tsx';

interface Warned {
  readonly warnings?: readonly { readonly params: { readonly host: string } }[];
}

/** Shows what the service says of URLs that it took: their hosts have no address yet. Gives back the rest of the answer. */
export function useUrlWarnings() {
  const t = useTexts();
  const { message } = App.useApp();
  return <Answer extends Warned>({ warnings = [], ...rest }: Answer): Omit<Answer, 'warnings'> => {
    for (const { params } of warnings) message.warning(t('webhook.url.unresolved', params), 10);
    return rest;
  };
}
