/**
 * Not to be run: it fails `npm run types` when the SDK's types and the wire schemas, from which the documents and their checks
 * are made, do not say the same.
 */
import type { Static, TSchema } from 'typebox';
import type * as sdk from '../../sdk/src/index.ts';
import type * as audiences from '../../src/http/audience-schemas.ts';
import type * as bulk from '../../src/http/bulk-schemas.ts';
import type * as contacts from '../../src/http/contact-schemas.ts';
import type * as figures from '../../src/http/figure-schemas.ts';
import type * as imports from '../../src/http/import-schemas.ts';
import type * as keys from '../../src/http/key-schemas.ts';
import type * as schemas from '../../src/http/schemas.ts';

/** A type with its parts put together, so that two that say the same are the same. */
type Flat<Type> = Type extends object ? { [Member in keyof Type]: Flat<Type[Member]> } : Type;

/** Whether two types are the same to the compiler: members, optional ones among them, and values. */
type IsSame<One, Other> =
  (<Type>() => Type extends Flat<One> ? 1 : 2) extends <Type>() => Type extends Flat<Other> ? 1 : 2 ? true : false;

/** The compiler stops at the line of an SDK type that differs from the schema that travels. */
type Proof<_Same extends true> = true;
type Wire<Schema extends TSchema> = Static<Schema>;

export type Proofs = [
  Proof<IsSame<sdk.Account, Wire<typeof schemas.Account>>>,
  Proof<IsSame<sdk.Audience, Wire<typeof audiences.Audience>>>,
  Proof<IsSame<sdk.SingleAudience, Wire<typeof audiences.SingleAudience>>>,
  Proof<IsSame<sdk.AudienceInput, Wire<typeof audiences.AudienceInput>>>,
  Proof<IsSame<sdk.Contact, Wire<typeof contacts.Contact>>>,
  Proof<IsSame<sdk.SingleContact, Wire<typeof contacts.SingleContact>>>,
  Proof<IsSame<sdk.ContactInput, Wire<typeof contacts.ContactInput>>>,
  Proof<IsSame<sdk.ContactChange, Wire<typeof contacts.ContactChange>>>,
  Proof<IsSame<sdk.BulkResult, Wire<typeof bulk.BulkResult>>>,
  Proof<IsSame<sdk.BulkOutcome, Wire<typeof bulk.BulkOutcome>>>,
  Proof<IsSame<sdk.Import, Wire<typeof imports.Import>>>,
  Proof<IsSame<sdk.SingleImport, Wire<typeof imports.SingleImport>>>,
  Proof<IsSame<sdk.ImportPreview, Wire<typeof imports.ImportPreview>>>,
  Proof<IsSame<sdk.ErrorDetail, Wire<typeof schemas.Errors>['errors'][number]>>,
  Proof<IsSame<sdk.ImportRow, Wire<typeof imports.Verdict>>>,
  Proof<IsSame<sdk.Tag, Wire<typeof contacts.Tag>>>,
  Proof<IsSame<sdk.GrowthDay, Wire<typeof figures.GrowthDay>>>,
  Proof<IsSame<sdk.CountryCount, Wire<typeof figures.CountryCount>>>,
  Proof<IsSame<sdk.Overview, Wire<typeof figures.Overview>>>,
  Proof<IsSame<sdk.ApiKey, Wire<typeof keys.Key>>>,
  Proof<IsSame<sdk.CreatedApiKey, Wire<typeof keys.CreatedKey>>>,
  Proof<IsSame<sdk.ApiKeyInput, Wire<typeof keys.KeyInput>>>,
];
