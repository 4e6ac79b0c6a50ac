// Starts the server from its sources: what `npm start` runs.
import module from 'node:module';
import { keepCompiled } from './compile-cache.js';

keepCompiled();
await import('../src/main.ts');
// Not only at its end: it may be killed.
module.flushCompileCache();
