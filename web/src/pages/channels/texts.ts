import { channelTexts } from '../../i18n/channel-texts.ts';
import type { ChannelTextKey } from '../../i18n/channel-texts.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { fill } from '../../i18n/texts.ts';
import type { Params } from '../../i18n/texts.ts';

/** Gives a text of connecting and changing channels in the reader's language, its `{names}` filled in. */
export type TranslateChannel = (key: ChannelTextKey, params?: Params) => string;

export function useChannelTexts(): TranslateChannel {
  const { language } = useLanguage();
  return (key, params) => fill(channelTexts[language][key], params);
}
