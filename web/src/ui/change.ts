import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useFindings, useTexts } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { toProblemText } from './problem.tsx';

/**
 * A change that the reader makes: has everything that it may have changed read anew, says when it is done, and says why it failed. With
 * `quiet` the failure is shown by the caller.
 */
export function useChange<Input, Output>(
  change: (input: Input) => Promise<Output>,
  options: {
    done?: TextKey;
    refresh: readonly (readonly unknown[])[];
    onDone?: (output: Output, input: Input) => void;
    quiet?: boolean;
  },
) {
  const t = useTexts();
  const tell = useFindings();
  const client = useQueryClient();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: change,
    onSuccess: async (output, input) => {
      await Promise.all(options.refresh.map((queryKey) => client.invalidateQueries({ queryKey })));
      options.onDone?.(output, input);
      // Not before: until then its button does nothing, and its form would be filled anew over what is written next.
      if (options.done !== undefined) message.success(t(options.done));
    },
    onError: (error) => {
      if (options.quiet !== true) message.error(toProblemText(error, t, tell));
    },
  });
}
