/** The shapes of OpenAPI 3.1 that the description uses. */
import type { ErrorCode } from '../core/errors.ts';

/** The parts of JSON Schema that the description uses. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  examples?: unknown[];
  default?: unknown;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean;
  anyOf?: JsonSchema[];
  /** The codes of the rules that a member can break. */
  'x-error-codes'?: ErrorCode[];
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description: string;
  schema: JsonSchema;
}

export interface Media {
  schema: JsonSchema;
  example?: unknown;
  examples?: Record<string, { summary: string; value: unknown }>;
}

export type Content = Record<'application/json', Media>;
/** A file instead of JSON, by its media type. */
type FileContent = Record<string, { schema: JsonSchema }>;

export interface Answer {
  description: string;
  headers: Record<string, { $ref: string }>;
  content?: Partial<Content> & Record<string, Media>;
}

export interface OperationObject {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security?: [];
  parameters?: Parameter[];
  requestBody?: { required: true; content: Content | FileContent };
  responses: Record<string, Answer | { $ref: string }>;
  'x-scope'?: string;
  /** Every code the operation can answer with. */
  'x-error-codes': ErrorCode[];
  /** Those that come inside a 200: with a row, which they refuse alone, or with an import that failed. */
  'x-row-error-codes'?: ErrorCode[];
}

export type Method = 'get' | 'post' | 'put' | 'delete';

/** Operations by their method. */
export interface PathItem extends Partial<Record<Method, OperationObject>> {
  /** Those of methods that the path does not have. */
  'x-error-codes'?: ErrorCode[];
}

export interface OpenApi {
  openapi: string;
  info: Record<string, unknown>;
  servers: { url: string; description: string }[];
  security: Record<string, string[]>[];
  tags: { name: string; description: string }[];
  paths: Record<string, PathItem>;
  components: {
    securitySchemes: Record<string, Record<string, string>>;
    headers: Record<string, { description: string; schema: JsonSchema }>;
    responses: Record<string, Answer>;
    schemas: Record<string, JsonSchema>;
  };
  /** The catalogue of errors. */
  'x-errors': { code: ErrorCode; status: number; message: string }[];
}
