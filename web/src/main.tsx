import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import 'antd/dist/reset.css';
import './console.css';
import { Problem } from './api/client.ts';
import { loadSignIn, SessionGate } from './app/gate.tsx';
import { comeBack } from './app/company.ts';
import { router } from './app/router.tsx';
import { sessionKey, sessionQuery } from './app/session.ts';
import { ThemeProvider } from './app/theme.tsx';
import { LanguageProvider, loadFirst } from './i18n/language.tsx';

/** An answer 401 means that the session is over: the gate asks again, and the page stays where it is. */
function onError(error: unknown): void {
  if (error instanceof Problem && ['unauthorized', 'session_over'].includes(error.code))
    void queryClient.invalidateQueries({ queryKey: sessionKey });
}

const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({
    onError: (error, _input, _context, mutation) => {
      // A wrong password at sign-in is no session that ended.
      if (mutation.options.meta?.['signsIn'] !== true) onError(error);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      networkMode: 'always',
      retry: (count, error) =>
        count < 2 && error instanceof Problem && (error.status === 0 || error.status >= 502),
      retryDelay: (count) => 500 * 2 ** count,
    },
    mutations: { networkMode: 'always' },
  },
});

// Whoever comes back from the company's sign-in sees the page that was asked for before.
const place = await comeBack();
if (place !== null) router.history.replace(place);

// The session, the texts and then the script of the page are under way while React starts, not one after the other.
async function loadAhead(): Promise<void> {
  await queryClient.prefetchQuery(sessionQuery);
  const session = queryClient.getQueryData(sessionQuery.queryKey);
  if (session?.state === 'signed_in') await router.load();
  else if (session !== undefined) await loadSignIn();
}
// What does not come is asked for again by the page itself, which tells it.
void loadAhead().catch(() => undefined);
const first = await loadFirst();

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no place for the console.');
createRoot(root).render(
  <StrictMode>
    <LanguageProvider first={first}>
      <ThemeProvider>
        <QueryClientProvider client={queryClient}>
          <SessionGate>
            <RouterProvider router={router} />
          </SessionGate>
        </QueryClientProvider>
      </ThemeProvider>
    </LanguageProvider>
  </StrictMode>,
);
