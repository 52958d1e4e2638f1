import { useQuery } from '@tanstack/react-query';
import { api, takeVersioned } from '../../api/client.ts';
import type { Template } from '../../api/model.ts';

export const templatesKey = ['templates'] as const;

export type TemplatePlace = Pick<Template, 'channelId' | 'code' | 'language'>;

export function useTemplate(place: TemplatePlace) {
  return useQuery({
    queryKey: [...templatesKey, place],
    queryFn: () =>
      takeVersioned(
        api.GET('/api/v1/channels/{channelId}/templates/{code}/{language}', { params: { path: place } }),
      ),
    refetchInterval: 5000,
  });
}
