// Starts the server from its sources: what `npm start` runs.
import module from 'node:module';
import { keepCompiled } from './compile-cache.js';

keepCompiled();
await import('../src/main.ts');
// Not only at its end, for it may be killed, but behind the start.
setTimeout(module.flushCompileCache, 1000).unref();
