import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import 'antd/dist/reset.css';
import '../console.css';
import { ThemeProvider } from '../app/theme.tsx';
import { LanguageProvider, loadFirst } from '../i18n/language.tsx';
import { Problem } from '../api/client.ts';
import { Portal, portalKey } from './portal.tsx';
import { takeToken, watchLinks } from './token.ts';

const token = takeToken();
watchLinks(() => {
  takeToken();
  globalThis.location.reload();
});

/** Whatever is answered 401, the link is over: the page is asked again, and tells it. */
function onError(error: unknown, key?: readonly unknown[]): void {
  if (error instanceof Problem && error.status === 401 && key?.length !== portalKey.length)
    void client.invalidateQueries({ queryKey: portalKey, exact: true });
}

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, { queryKey }) => {
      onError(error, queryKey);
    },
  }),
  mutationCache: new MutationCache({
    onError: (error) => {
      onError(error);
    },
  }),
  defaultOptions: {
    queries: { networkMode: 'always', retry: false },
    mutations: { networkMode: 'always' },
  },
});
const first = await loadFirst();

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no place for the portal.');
createRoot(root).render(
  <StrictMode>
    <LanguageProvider first={first}>
      <ThemeProvider>
        <QueryClientProvider client={client}>
          <Portal token={token} />
        </QueryClientProvider>
      </ThemeProvider>
    </LanguageProvider>
  </StrictMode>,
);
