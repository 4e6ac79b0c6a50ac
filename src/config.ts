import { availableParallelism, homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { SetupError } from './core/errors.ts';
import { MIN_KEY_LENGTH } from './core/keys.ts';
import type { NumberRule } from './core/number.ts';

/** Every environment variable Muster reads: what it is for and its default. Nothing else reads the environment. */
export const VARIABLES = {
  HOST: { value: '127.0.0.1', about: 'Address the server listens on; 0.0.0.0 for every network' },
  PORT: { value: '8080', about: 'Port the server listens on; 0 picks a free one' },
  MUSTER_DATA: { value: './data', about: 'Directory that holds everything, when no database does' },
  DATABASE_URL: { value: '', about: 'PostgreSQL that holds everything, as postgres://user:password@host/database' },
  CITUS: { value: 'off', about: 'on: the database is a Citus cluster, over whose machines audiences are spread' },
  WORKERS: { value: '1', about: 'Processes that answer, on PostgreSQL; auto is one for each processor' },
  PUBLIC_URL: { value: '', about: 'What links in answers are built on, when it is not the host a request came to' },
  MUSTER_BOOTSTRAP_KEY: {
    value: '',
    about: 'The first key on the first start, 16 or more characters, instead of a random one',
  },
  NUMBER_VALIDATION: { value: 'valid', about: 'valid: numbers of some plan; possible: any of a possible length' },
  RATE_LIMIT: { value: '0', about: 'Most requests a second for one key; 0 is no limit' },
  IMPORT_MAX_BYTES: { value: '2147483648', about: 'Most bytes of an uploaded file' },
  IMPORT_MAX_UNPACKED: { value: '8589934592', about: 'Most bytes that an uploaded file may unpack to' },
  IMPORT_RETENTION: { value: '7', about: 'Days after its end that an import can be run or undone' },
  LOG_LEVEL: { value: 'info', about: 'debug (each request too), info, warn, error or silent' },
  MUSTER_URL: { value: 'http://127.0.0.1:8080', about: 'The server the command line talks to' },
  MUSTER_KEY: { value: '', about: 'The API key the command line uses' },
  XDG_CONFIG_HOME: { value: '', about: 'Under it, in muster/, the command line keeps what login stores' },
} as const satisfies Record<string, { value: string; about: string }>;

type Name = keyof typeof VARIABLES;
type Environment = Record<string, string | undefined>;

const MAX_WORKERS = 128;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export interface ServerConfig {
  host: string;
  port: number;
  /** Where the store lies: a directory, and before it a PostgreSQL database. */
  data: string;
  databaseUrl: string | undefined;
  /** Whether the database is a Citus cluster. */
  isDistributed: boolean;
  /** Processes that answer: 1 on the embedded store. */
  workers: number;
  /** Without a slash at the end; undefined when links follow the request's own host. */
  publicUrl: string | undefined;
  bootstrapKey: string | undefined;
  numberRule: NumberRule;
  /** Requests a second for one key; 0 is no limit. */
  rateLimit: number;
  /** Bytes. */
  importMaxBytes: number;
  importMaxUnpacked: number;
  /** Milliseconds. */
  importRetention: number;
  logLevel: (typeof LOG_LEVELS)[number];
}

/** The server's configuration. Raises SetupError that names the variable and what it may be. */
export function readServerConfig(env: Environment = process.env): ServerConfig {
  const store = readStoreConfig(env);
  return {
    host: read(env, 'HOST'),
    port: wholeNumber(env, 'PORT', 65535),
    ...store,
    workers: workers(env, store),
    publicUrl: url(env, 'PUBLIC_URL'),
    bootstrapKey: bootstrapKey(env),
    numberRule: oneOf(env, 'NUMBER_VALIDATION', ['valid', 'possible']),
    rateLimit: wholeNumber(env, 'RATE_LIMIT', 1_000_000),
    importMaxBytes: wholeNumber(env, 'IMPORT_MAX_BYTES', 1e12),
    importMaxUnpacked: wholeNumber(env, 'IMPORT_MAX_UNPACKED', 1e13),
    importRetention: wholeNumber(env, 'IMPORT_RETENTION', 3650) * 24 * 3_600_000,
    logLevel: oneOf(env, 'LOG_LEVEL', LOG_LEVELS),
  };
}

/** Where the store lies: for administration beside or without a server. */
export function readStoreConfig(
  env: Environment = process.env,
): Pick<ServerConfig, 'data' | 'databaseUrl' | 'isDistributed'> {
  return {
    data: read(env, 'MUSTER_DATA'),
    databaseUrl: databaseUrl(env),
    isDistributed: oneOf(env, 'CITUS', ['on', 'off']) === 'on',
  };
}

/** Where a store lies: in a PostgreSQL database, or else in a directory. */
export type StorePlace = Pick<ServerConfig, 'data' | 'databaseUrl'>;

/**
 * A store that was named on the command line: `postgres://…`, a directory, or that behind `sqlite:` or `file:`. Raises
 * SetupError, which keeps URLs to itself: they may hold passwords.
 * @param option where it was named.
 */
export function readStorePlace(text: string, option: string): StorePlace {
  if (/^postgres(ql)?:/i.test(text)) {
    if (!isDatabaseUrl(text)) throw new SetupError(`${option} must be a URL such as ${SAMPLE_URL}, or a directory`);
    return { data: '', databaseUrl: text };
  }
  const data = text.replace(/^(?:sqlite|file):(?:\/\/(?=\/))?/i, '');
  if (data === '' || /^[a-z][\w+.-]+:/i.test(data)) {
    throw new SetupError(`${option} must be a directory, or a URL such as ${SAMPLE_URL}`);
  }
  if (/(?:^|\/)muster\.db$/.test(data)) throw new SetupError(`${option} must be the directory that muster.db lies in`);
  return { data, databaseUrl: undefined };
}

/** Servers that somebody signed in to, as the command line keeps them. */
export interface Logins {
  /** The server of the last sign-in: where commands go when nobody says otherwise. */
  current?: string;
  /** The key for each server, by its URL. */
  servers: Record<string, { key: string }>;
}

/**
 * Where the command line finds its server, and its key (empty when there is none). What was said on the command line goes
 * before the environment, and that before what is stored; a stored key goes to the server it was stored for and to no other.
 * Raises SetupError.
 */
export function readClientConfig(
  given: { url?: string; key?: string },
  logins: Logins = { servers: {} },
  env: Environment = process.env,
): { url: string; key: string } {
  const said = { ...env, ...(given.url && { MUSTER_URL: given.url }), ...(given.key && { MUSTER_KEY: given.key }) };
  const found = url(said.MUSTER_URL?.trim() ? said : { MUSTER_URL: logins.current }, 'MUSTER_URL')!;
  return { url: found, key: read(said, 'MUSTER_KEY') || (logins.servers[found]?.key ?? '') };
}

/** The directory for what the command line keeps of its user's, as the platform has it. */
export function userDirectory(env: Environment = process.env): string {
  const said = env.XDG_CONFIG_HOME ?? '';
  // The XDG Base Directory Specification lets a path that is not absolute count for nothing.
  if (isAbsolute(said)) return join(said, 'muster');
  if (process.platform === 'win32') return join(env.APPDATA || join(homedir(), 'AppData', 'Roaming'), 'muster');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'muster');
  return join(homedir(), '.config', 'muster');
}

/** Where browsers find the server. @param given what was said on the command line. Raises SetupError. */
export function readConsoleUrl(given: string | undefined, env: Environment = process.env): string {
  return (
    (given === undefined ? url(env, 'PUBLIC_URL') : undefined) ?? readClientConfig({ url: given }, undefined, env).url
  );
}

function read(env: Environment, name: Name): string {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? VARIABLES[name].value : value;
}

function wholeNumber(env: Environment, name: Name, max: number): number {
  const text = read(env, name);
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= max)) throw wrong(name, text, `a whole number from 0 to ${max}`);
  return value;
}

function oneOf<Value extends string>(env: Environment, name: Name, values: readonly Value[]): Value {
  const text = read(env, name);
  const found = values.find((value) => value === text);
  if (found === undefined) throw wrong(name, text, `one of ${values.join(', ')}`);
  return found;
}

function url(env: Environment, name: Name): string | undefined {
  const text = read(env, name);
  if (text === '') return undefined;
  const parsed = URL.parse(text);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.search !== '' || parsed.hash !== '') {
    throw wrong(name, text, 'a URL such as https://contacts.example.com');
  }
  return text.replace(/\/+$/, '');
}

function databaseUrl(env: Environment): string | undefined {
  const text = read(env, 'DATABASE_URL');
  if (text === '') return undefined;
  // The message keeps the URL to itself: it may hold a password.
  if (!isDatabaseUrl(text)) throw new SetupError(`DATABASE_URL must be a URL such as ${SAMPLE_URL}`);
  return text;
}

/** Raises SetupError for several processes on the embedded store, whose file has one that writes. */
function workers(env: Environment, { databaseUrl }: Pick<ServerConfig, 'databaseUrl'>): number {
  const text = read(env, 'WORKERS');
  if (text === 'auto') return databaseUrl === undefined ? 1 : availableParallelism();
  const count = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count <= MAX_WORKERS)) throw wrong('WORKERS', text, `auto, or a whole number from 1 to ${MAX_WORKERS}`);
  if (count > 1 && databaseUrl === undefined) {
    throw new SetupError(
      `WORKERS is ${count}, but one process alone can have the embedded store: set DATABASE_URL, or leave WORKERS out`,
    );
  }
  return count;
}

const SAMPLE_URL = 'postgres://user:password@host:5432/muster';

function isDatabaseUrl(text: string): boolean {
  const parsed = URL.parse(text);
  return parsed !== null && /^postgres(ql)?:$/.test(parsed.protocol) && /^\/[^/]+$/.test(parsed.pathname);
}

function bootstrapKey(env: Environment): string | undefined {
  const key = read(env, 'MUSTER_BOOTSTRAP_KEY');
  if (key === '') return undefined;
  // The message keeps the key to itself: it may end up in a log.
  if (!/^[\x21-\x7e]+$/.test(key) || key.length < MIN_KEY_LENGTH) {
    throw new SetupError(`MUSTER_BOOTSTRAP_KEY must be ${MIN_KEY_LENGTH} or more characters, ASCII without spaces`);
  }
  return key;
}

function wrong(name: Name, value: string, expected: string): SetupError {
  return new SetupError(`${name} is '${value}', but must be ${expected}`);
}
