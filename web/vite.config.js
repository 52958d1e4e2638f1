import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Built into static files that the service serves below /console/; in development `CHASQUI` names the service. */
export const config = defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Inlined files would be `data:` addresses, which the content security policy allows for images alone.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    // Whoever hands the console on, and that is every service, hands these on with it.
    license: { fileName: 'licences.md' },
  },
  server: {
    proxy: { '/api': { target: process.env['CHASQUI'] ?? 'http://127.0.0.1:8080', changeOrigin: false } },
  },
});

export default config;
