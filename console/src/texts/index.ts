/**
 * Every text that the console shows, in English. A translation is a second object of this shape. Components hold none of their
 * own; what counts or dates something is a function and goes through `format.ts`.
 */
import { api } from './api.ts';
import { audiences } from './audiences.ts';
import { contacts } from './contacts.ts';
import { general } from './general.ts';
import { imports } from './imports.ts';
import { apiKeys } from './keys.ts';
import { overview } from './overview.ts';
import { paste } from './paste.ts';
import { shell } from './shell.ts';

export const texts = { ...general, shell, audiences, contacts, imports, paste, apiKeys, api, overview };
