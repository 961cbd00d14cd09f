import { defineConfig, mergeConfig } from 'vitest/config';
import whole from './vitest.config.ts';

/**
 * `npm run test:unit`: what one runs twenty times a day. Seconds, no root, nothing installed: no test that
 * starts another daemon, a process of ours for long, or a browser.
 */
export default mergeConfig(
  whole,
  defineConfig({
    test: {
      // Tests of pure functions leave nothing behind.
      isolate: false,
      exclude: [
        'node_modules/**',
        'test/{deploy,demo,soak,conformance,web}/**',
        // The tests of src/interop need no other daemon: they lie in its folders.
        'test/interop/{*,import/import}.test.ts',
        'test/daemon/**',
        'test/log/log-output.test.ts',
      ],
    },
  }),
);
